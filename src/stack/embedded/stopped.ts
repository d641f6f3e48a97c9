import type { Watch } from '../stack.js';

/** A watch that ends by calling a function. */
export function stopped(stop: () => void): Watch {
  return {
    stop: () => {
      stop();
      return Promise.resolve();
    },
  };
}
