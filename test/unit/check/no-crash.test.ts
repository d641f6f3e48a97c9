import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../src/history/event.js';
import { Tale } from '../../support/tale.js';

type Death = Pick<EventOf<'service.died'>, 'service' | 'role' | 'exitCode' | 'cause'>;

const up = (tale: Tale): Tale =>
  tale.add(1, { type: 'stack.ready', tookMs: 1, toxiproxy: 'builtin', services: [] });
const died = (death: Partial<Death>, t = 100): Tale =>
  up(new Tale()).add(t, {
    type: 'service.died',
    service: 'store',
    role: 'store',
    exitCode: 1,
    cause: 'itself',
    ...death,
  });
const judged = (tale: Tale) => tale.check('no-crash');

describe('no-crash', () => {
  it('passes where every service lived', () => {
    expect(judged(up(new Tale()))).toMatchObject({ verdict: 'pass', figures: { ended: 0 } });
  });

  it.each([
    [{ role: 'store', service: 'store' }, 'store ended by itself with exit code 1'],
    [{ role: 'mta', service: 'mta', exitCode: null }, 'mta ended by itself'],
    [
      { role: 'array', service: 'array-gold', exitCode: 137, cause: 'out-of-memory' },
      'array-gold ended by itself with exit code 137: it was out of memory',
    ],
  ] as const)('fails where %j', (death, summary) => {
    expect(judged(died(death))).toMatchObject({
      verdict: 'fail',
      findings: [{ summary, atMs: 100 }],
      figures: { ended: 1 },
    });
  });

  it.each([
    [{ cause: 'killed' }, 'store was killed from outside'],
    [{ role: 'outside', service: 'outside' }, 'outside ended with exit code 1, and it is not known'],
    [{ role: 'toxiproxy', service: 'toxiproxy', cause: 'out-of-memory' }, 'toxiproxy ended with exit code 1'],
    [{ cause: 'unknown' }, 'store ended with exit code 1, and it is not known'],
  ] as const)('blames nobody where %j', (death, reason) => {
    const result = judged(died(death));
    expect(result.verdict).toBe('inconclusive');
    expect(result.reason).toContain(reason);
    expect(result.findings).toEqual([]);
  });

  it('names the first service that nobody can be blamed for', () => {
    const tale = died({ cause: 'killed' }).add(200, {
      type: 'service.died',
      service: 'mta',
      role: 'mta',
      exitCode: 0,
      cause: 'killed',
    });
    expect(judged(tale).reason).toBe('store was killed from outside');
  });

  it('is inconclusive where no service was ever up', () => {
    expect(judged(new Tale())).toMatchObject({ verdict: 'inconclusive' });
  });

  it('says nothing of runs that did not watch their services', () => {
    expect(judged(up(new Tale({ heartbeats: false })))).toMatchObject({ verdict: 'skipped' });
  });
});
