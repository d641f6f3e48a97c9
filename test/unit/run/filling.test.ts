import { describe, expect, it } from 'vitest';
import { fillingFailure, fillingState } from '../../../src/run/filling.js';
import type { AttemptResult } from '../../../src/traffic/smtp-attempt.js';

const ACCEPTED: AttemptResult = {
  outcome: 'accepted',
  code: 250,
  enhanced: null,
  reply: '250 Ok',
  at: 'dot',
  ms: 1,
};
const deferred = (reply: string): AttemptResult => ({
  ...ACCEPTED,
  outcome: 'deferred',
  code: 451,
  enhanced: '4.3.0',
  reply,
  at: 'rcpt',
});

function sent(answers: readonly (AttemptResult | undefined)[]): {
  readonly ids: readonly string[];
  readonly answers: ReadonlyMap<string, AttemptResult>;
} {
  const ids = answers.map((_, index) => `m${String(index)}`);
  return {
    ids,
    answers: new Map(answers.flatMap((one, index) => (one ? [[`m${String(index)}`, one]] : []))),
  };
}

/** The first so many are accepted and not found, for a reason that a log told. */
function found(missing: number, delay?: string) {
  return {
    waitsFor: () => missing,
    delayOf: (id: string) => (Number(id.slice(1)) < missing ? delay : undefined),
  };
}

describe('the first mail that does not arrive', () => {
  it('is told with what the stack answers first, whatever the queue ids in it', () => {
    const answers = ['a', 'b', 'c'].map((id) => deferred(`451 4.3.0 Temporary failure ${id}`));
    const { message, kind } = fillingFailure(sent([...answers, ACCEPTED]), found(1), 30_000);
    expect(kind).toBe('harness');
    expect(message).toMatch(
      /^the stack does not take mail with healthy storage: it answers 451 4\.3\.0 at RCPT, to 3 of the first 4 messages \("451 4\.3\.0 Temporary failure a"\)/,
    );
    expect(message).toContain('1 of the first 4 messages were taken and did not reach their mailboxes');
    expect(message).toContain('nothing more came within 30 s');
  });

  it('is told with the most frequent answers first', () => {
    const unsent: AttemptResult = {
      ...ACCEPTED,
      outcome: 'unsent',
      code: null,
      reply: 'connect ECONNREFUSED',
      at: 'connect',
    };
    const { message } = fillingFailure(sent([deferred('451 4.3.0 no'), unsent, unsent]), found(0), 30_000);
    expect(message.indexOf('cannot be reached at CONNECT, to 2')).toBeGreaterThan(0);
    expect(message.indexOf('cannot be reached at CONNECT, to 2')).toBeLessThan(message.indexOf('451 4.3.0'));
  });

  it('is told with what the log says where it was taken', () => {
    const delay = '452 4.2.2 <u1@libero.test> Mailbox is full';
    const { message } = fillingFailure(sent([ACCEPTED, ACCEPTED]), found(2, delay), 30_000);
    expect(message).toContain('the stack does not deliver with healthy storage: 2 of the first 2 messages');
    expect(message).toContain(`its log says of 2: delayed, 4.2.2 (${delay})`);
  });

  it('is on its way as long as anything changes', () => {
    const none = fillingState(sent([undefined, undefined]), found(0));
    expect(fillingState(sent([deferred('451 no'), undefined]), found(0))).toBe(none);
    const one = fillingState(sent([ACCEPTED, undefined]), found(1));
    expect(one).not.toBe(none);
    expect(fillingState(sent([ACCEPTED, undefined]), found(0))).not.toBe(one);
  });
});
