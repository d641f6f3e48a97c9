/** The longest time that one timer of Node.js holds; a longer one would fire at once (Node.js, `setTimeout`). */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `act` once after `ms`, however long that is; the function that it gives calls it off. */
export function after(ms: number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (leftMs: number): void => {
    timer =
      leftMs > LONGEST_TIMER_MS
        ? setTimeout(wait, LONGEST_TIMER_MS, leftMs - LONGEST_TIMER_MS)
        : setTimeout(act, leftMs);
  };
  wait(ms);
  return () => {
    clearTimeout(timer);
  };
}
