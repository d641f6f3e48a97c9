import { commandSchema, type Command } from '../gameday/command.js';
import { sendCommand } from '../gameday/ctl.js';
import { EXIT_CODE, NobounceError } from '../errors/errors.js';
import { durationOption } from './options.js';
import { complain, print } from './output.js';

interface Options {
  readonly reason?: string | undefined;
  readonly fault?: string | undefined;
  readonly longest?: number | undefined;
  readonly by: string;
}

/** `operations=write,fsync`: a list; a number where it is one. */
function parameter(word: string): readonly [string, unknown] {
  const at = word.indexOf('=');
  if (at < 1)
    throw new NobounceError('usage', `${JSON.stringify(word)} is no parameter`, {
      advice: 'write key=value, such as errno=EIO',
    });
  const value = word.slice(at + 1);
  const read = value.includes(',') ? value.split(',') : /^\d*\.?\d+$/.test(value) ? Number(value) : value;
  return [word.slice(0, at), read];
}

/** A list where the fault wants one, also of a single word. */
function faultOf([fault = '', volume, ...words]: readonly string[]): Record<string, unknown> {
  const parameters = Object.fromEntries(words.map(parameter));
  const { operations } = parameters;
  const where = volume === undefined ? {} : { volume: volume.includes(',') ? volume.split(',') : volume };
  return {
    fault,
    ...where,
    ...parameters,
    ...(operations === undefined ? {} : { operations: [operations].flat() }),
  };
}

/** @throws NobounceError `usage` where that is no act. */
function commandOf(act: string, words: readonly string[], { reason, fault, longest }: Options): Command {
  const [first] = words;
  const because = reason === undefined ? {} : { reason };
  const written: Readonly<Record<string, () => unknown>> = {
    inject: () => ({ fault: faultOf(words), ...(longest === undefined ? {} : { longestMs: longest }) }),
    heal: () => ({
      ...(first === undefined || first === 'all' ? {} : { volume: first }),
      ...(fault === undefined ? {} : { fault }),
    }),
    note: () => ({ text: words.join(' ') }),
    more: () => ({ ms: durationOption(first ?? '5m') }),
    abort: () => because,
    go: () => because,
    'no-go': () => because,
  };
  const read = commandSchema.safeParse({ do: act, ...Object(written[act]?.() ?? {}) });
  if (read.success) return read.data;
  const why = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new NobounceError('usage', `${[act, ...words].join(' ')} cannot be done: ${why}`, {
    advice: '`nobounce gameday ctl --help` shows what there is',
  });
}

/** Does one act on the day that is going on; exit code 1 where it is refused. */
export async function control(act: string, words: readonly string[], options: Options): Promise<void> {
  const answer = await sendCommand(commandOf(act, words, options), options.by);
  if (answer.ok) {
    print('done');
    return;
  }
  for (const reason of answer.reasons) complain(`refused: ${reason}`);
  process.exitCode = EXIT_CODE.fail;
}
