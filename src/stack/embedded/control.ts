import { z } from 'zod';
import { describeError } from '../../errors/errors.js';
import { LineSplitter } from '../lines.js';

/** Lines of a child's standard output that are for the driver begin so; all others are its log. */
export const CONTROL_PREFIX = '@';

const commandLine = z.object({ id: z.number(), command: z.unknown() });

/** What a child answers to a command. */
export const answerLine = z.object({
  answer: z.number(),
  value: z.unknown().optional(),
  error: z.string().optional(),
});

/** Tells the driver something. */
export function tell(event: object): void {
  process.stdout.write(`${CONTROL_PREFIX}${JSON.stringify(event)}\n`);
}

/**
 * Carries out the driver's commands, which come as JSON lines on standard input, each with its number. When the input
 * ends the driver is gone, however it ended, and this process ends too.
 */
export function serveCommands(handle: (command: unknown) => Promise<unknown>): void {
  const splitter = new LineSplitter((line) => {
    const { id, command } = commandLine.parse(JSON.parse(line));
    handle(command).then(
      (value) => {
        tell({ answer: id, value });
      },
      (error: unknown) => {
        tell({ answer: id, error: describeError(error) });
      },
    );
  });
  process.stdin.on('data', splitter.push);
  for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => process.exit(0));
}
