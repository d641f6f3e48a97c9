import { describe, expect, it } from 'vitest';
import { Scope } from '../../../src/run/scope.js';

const NEVER = new Promise<never>(() => undefined);

/** A scope whose undos write down that they ran. */
function scopeOf(...undos: readonly (readonly [string, () => Promise<void>, number?])[]): {
  readonly scope: Scope;
  readonly ran: string[];
} {
  const scope = new Scope();
  const ran: string[] = [];
  for (const [name, run, timeoutMs = 10_000] of undos) {
    scope.add(name, timeoutMs, async () => {
      ran.push(name);
      await run();
    });
  }
  return { scope, ran };
}

const fine = (): Promise<void> => Promise.resolve();

describe('a scope', () => {
  it('undoes the newest first, one after the other', async () => {
    const ended: string[] = [];
    const slow = (name: string) => async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      ended.push(name);
    };
    const { scope, ran } = scopeOf(
      ['stack', slow('stack')],
      ['probe', slow('probe')],
      ['heal', slow('heal')],
    );
    expect(await scope.close()).toEqual([]);
    expect(ran).toEqual(['heal', 'probe', 'stack']);
    expect(ended).toEqual(ran);
  });

  it('goes on when one fails, and says which', async () => {
    const { scope, ran } = scopeOf(
      ['stack', fine],
      ['probe', () => Promise.reject(new Error('no such container', { cause: new Error('HTTP 404') }))],
      ['heal', fine],
    );
    expect(await scope.close()).toEqual(['probe: no such container (because: HTTP 404)']);
    expect(ran).toEqual(['heal', 'probe', 'stack']);
  });

  it('goes on when one throws before it has begun', async () => {
    const scope = new Scope();
    const ran: string[] = [];
    scope.add('stack', 1_000, () => {
      ran.push('stack');
      return Promise.resolve();
    });
    scope.add('heal', 1_000, () => {
      throw new Error('broken');
    });
    expect(await scope.close()).toEqual(['heal: broken']);
    expect(ran).toEqual(['stack']);
  });

  it('waits for none longer than its own deadline', async () => {
    const { scope, ran } = scopeOf(['stack', fine], ['probe', () => NEVER, 10], ['heal', () => NEVER, 20]);
    expect(await scope.close()).toEqual([
      'heal: undo: deadline of 20 ms passed',
      'probe: undo: deadline of 10 ms passed',
    ]);
    expect(ran).toEqual(['heal', 'probe', 'stack']);
  });

  it('undoes once, however often it is closed', async () => {
    const { scope, ran } = scopeOf(['stack', () => Promise.reject(new Error('no'))]);
    const both = await Promise.all([scope.close(), scope.close()]);
    expect(both).toEqual([['stack: no'], ['stack: no']]);
    expect(await scope.close()).toEqual(['stack: no']);
    expect(ran).toEqual(['stack']);
  });

  it('undoes also what is added while it closes', async () => {
    const ran: string[] = [];
    const scope = new Scope();
    scope.add('stack', 1_000, () => {
      scope.add('late', 1_000, () => {
        ran.push('late');
        return Promise.resolve();
      });
      return Promise.resolve();
    });
    await scope.close();
    expect(ran).toEqual(['late']);
  });

  it('with nothing to undo closes', async () => {
    expect(await new Scope().close()).toEqual([]);
  });
});
