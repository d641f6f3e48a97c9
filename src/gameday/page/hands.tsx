import { useEffect, useRef, useState } from 'preact/hooks';
import type { Snapshot } from '../snapshot.js';
import { useActs, type Want } from './acts.js';
import { useKeys } from './keys.js';

/** Faults with parameters that tell something; all others by their command. */
const FAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'vendor-os-bug': { errno: 'EIO', operations: ['write', 'fsync'] },
  'read-only': {},
  'disk-full': {},
  stall: {},
  latency: { latency: '500ms' },
  blackhole: {},
  refuse: {},
  'array-crash': {},
  'mount-lost': {},
};

const FIVE_MINUTES_MS = 300_000;

/** The operator's controls: every act by mouse and by key. */
export function Hands({ snapshot, name: first }: { readonly snapshot: Snapshot; readonly name: string }) {
  const [name, setName] = useState(first);
  const [hasKeys, setKeys] = useState(true);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState('vendor-os-bug');
  const [asked, setVolume] = useState('');
  const noteField = useRef<HTMLInputElement>(null);
  const { want, said } = useActs(name);
  const volume = asked === '' ? (snapshot.volumes[0]?.name ?? '') : asked;
  const go = (): void => {
    want({ do: 'go', ...(reason.trim() === '' ? {} : { reason: reason.trim() }) });
  };
  const inject = (): void => {
    want({ do: 'inject', fault: { fault, volume, ...FAULTS[fault] } });
  };
  useEffect(() => {
    sessionStorage.setItem('name', name);
  }, [name]);
  useKeys(hasKeys, {
    A: () => {
      want({ do: 'abort' });
    },
    H: () => {
      want({ do: 'heal' });
    },
    h: () => {
      want({ do: 'heal', volume });
    },
    i: inject,
    n: () => {
      want({ do: 'next' });
    },
    '+': () => {
      want({ do: 'more', ms: FIVE_MINUTES_MS });
    },
    g: go,
    e: () => {
      want({ do: 'end' });
    },
    ' ': () => noteField.current?.focus(),
  });
  return (
    <section class="panel hands">
      <h2>Controls{snapshot.controls === null ? '' : `: ${snapshot.controls} has them`}</h2>
      <Stops want={want} />
      {!snapshot.isGo && <Preflight items={snapshot.preflight} />}
      <Go reason={reason} setReason={setReason} go={go} />
      <Inject {...{ snapshot, fault, setFault, volume, setVolume, inject }} />
      <Notes {...{ want, name, setName, noteField, hasKeys, setKeys }} />
      <p role="status" class="warn">
        {said}
      </p>
    </section>
  );
}

function Stops({ want }: { readonly want: Want }) {
  return (
    <div class="controls">
      <button
        type="button"
        onClick={() => {
          want({ do: 'heal' });
        }}
      >
        heal all <kbd>H</kbd>
      </button>
      <button
        type="button"
        onClick={() => {
          want({ do: 'end' });
        }}
      >
        end the day <kbd>e</kbd>
      </button>
    </div>
  );
}

interface Reasoned {
  readonly reason: string;
  readonly setReason: (reason: string) => void;
  readonly go: () => void;
}

function Go({ reason, setReason, go }: Reasoned) {
  return (
    <div class="controls">
      <label>
        reason
        <input
          value={reason}
          maxLength={500}
          onInput={(event) => {
            setReason(event.currentTarget.value);
          }}
        />
      </label>
      <button type="button" onClick={go}>
        go <kbd>g</kbd>
      </button>
    </div>
  );
}

interface Chosen {
  readonly snapshot: Snapshot;
  readonly fault: string;
  readonly setFault: (fault: string) => void;
  readonly volume: string;
  readonly setVolume: (volume: string) => void;
  readonly inject: () => void;
}

function Inject({ snapshot, fault, setFault, volume, setVolume, inject }: Chosen) {
  const hit = snapshot.volumes.find(({ name }) => name === volume);
  return (
    <>
      <div class="controls">
        <Choice label="fault" value={fault} choose={setFault} among={Object.keys(FAULTS)} />
        <Choice
          label="volume"
          value={volume}
          choose={setVolume}
          among={snapshot.volumes.map(({ name }) => name)}
        />
        <button type="button" disabled={!snapshot.isGo} onClick={inject}>
          inject <kbd>i</kbd>
        </button>
      </div>
      {hit !== undefined && (
        <p class="soft">
          {fault} on {volume} hits {hit.mailboxes} mailboxes, {Math.round(hit.share * 100)} % of all.
        </p>
      )}
    </>
  );
}

interface ChoiceOf {
  readonly label: string;
  readonly value: string;
  readonly choose: (value: string) => void;
  readonly among: readonly string[];
}

function Choice({ label, value, choose, among }: ChoiceOf) {
  return (
    <label>
      {label}
      <select
        value={value}
        onChange={(event) => {
          choose(event.currentTarget.value);
        }}
      >
        {among.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}

interface Written {
  readonly want: Want;
  readonly name: string;
  readonly setName: (name: string) => void;
  readonly noteField: { current: HTMLInputElement | null };
  readonly hasKeys: boolean;
  readonly setKeys: (hasKeys: boolean) => void;
}

function Notes({ want, name, setName, noteField, hasKeys, setKeys }: Written) {
  const [note, setNote] = useState('');
  const write = (event: Event): void => {
    event.preventDefault();
    if (note.trim() !== '') want({ do: 'note', text: note.trim() });
    setNote('');
    noteField.current?.blur();
  };
  return (
    <form class="controls" onSubmit={write}>
      <label>
        <span>
          note <kbd>Space</kbd>
        </span>
        <input
          ref={noteField}
          value={note}
          maxLength={2_000}
          onInput={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
      </label>
      <label>
        by
        <input
          value={name}
          maxLength={40}
          onInput={(event) => {
            setName(event.currentTarget.value);
          }}
        />
      </label>
      <button type="submit">write down</button>
      <button
        type="button"
        onClick={() => {
          want({ do: 'take-controls' });
        }}
      >
        take the controls
      </button>
      <label class="switch">
        <input
          type="checkbox"
          checked={hasKeys}
          onChange={(event) => {
            setKeys(event.currentTarget.checked);
          }}
        />
        single keys act
      </label>
    </form>
  );
}

function Preflight({ items }: { readonly items: Snapshot['preflight'] }) {
  return (
    <ul aria-label="preflight">
      {items.map(({ text, ok }) => (
        <li key={text} class={ok ? 'good' : 'bad'}>
          <span aria-hidden="true">{ok ? '✓' : '✗'}</span> {ok ? '' : 'not yet: '}
          {text}
        </li>
      ))}
    </ul>
  );
}
