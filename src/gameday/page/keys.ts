import { useEffect, useRef } from 'preact/hooks';
import { isTyping } from './typing.js';

/** Single keys that act, where they are switched on and nobody types (WCAG 2.1.4); Esc leaves a field. */
export function useKeys(isOn: boolean, keys: Readonly<Record<string, () => void>>): void {
  // What is on the screen is what a key does: an effect alone would come a frame too late.
  const latest = useRef({ isOn, keys });
  latest.current = { isOn, keys };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur();
      if (!latest.current.isOn || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      // A button that has the focus is pressed by it.
      if (event.key === ' ' && event.target instanceof HTMLButtonElement) return;
      const known = latest.current.keys[event.key];
      if (known === undefined) return;
      event.preventDefault();
      known();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, []);
}
