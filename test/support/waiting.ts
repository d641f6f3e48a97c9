import { expect } from 'vitest';

const EVENTUALLY_MS = 15_000;

/** Resolves as the promise does; rejects after `ms` with what was waited for and what was `saw`n instead. */
export async function within<T>(
  ms: number,
  what: string,
  promise: Promise<T>,
  saw: () => unknown,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not within ${String(ms)} ms: ${what}; at the end: ${JSON.stringify(saw())}`));
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves once the condition holds; asserts it, with what was `saw`n, when it does not in time. */
export async function eventually(condition: () => boolean, saw: () => unknown): Promise<void> {
  const endsAtMs = performance.now() + EVENTUALLY_MS;
  while (!condition() && performance.now() < endsAtMs) await pause(5);
  const seen = `; at the end: ${JSON.stringify(saw())}`;
  expect(condition(), `within ${String(EVENTUALLY_MS / 1_000)} s: ${condition.toString()}${seen}`).toBe(true);
}

export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
