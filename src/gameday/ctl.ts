import { z } from 'zod';
import { NobounceError } from '../errors/errors.js';
import type { Answer, Command } from './command.js';
import { readSession } from './session-file.js';

const answerSchema = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reasons: z.array(z.string()) }),
]);
/** An injection is answered when it is felt. */
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * Does from another shell what the page does.
 * @throws NobounceError `usage` where no day is going on, `environment` where it does not answer
 */
export async function sendCommand(command: Command, name: string): Promise<Answer> {
  const { url, token } = await readSession();
  try {
    const response = await fetch(new URL('/act', url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ name, command }),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return answerSchema.parse(await response.json());
  } catch (cause) {
    throw new NobounceError('environment', 'the game day does not answer', {
      cause,
      advice: 'look whether its terminal is still there; `nobounce clean` removes what a dead one left',
    });
  }
}
