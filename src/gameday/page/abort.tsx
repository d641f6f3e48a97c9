import { useActs } from './acts.js';

/** Always at the same place, on the wall as well, and never switched off. */
export function Abort({ name }: { readonly name: string }) {
  const { want, said } = useActs(name);
  return (
    <div>
      <button
        type="button"
        class="abort"
        onClick={() => {
          want({ do: 'abort' });
        }}
      >
        ABORT: heal all <kbd>A</kbd>
      </button>
      <p role="status" class="soft">
        {said}
      </p>
    </div>
  );
}
