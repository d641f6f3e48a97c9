import { useState } from 'preact/hooks';
import type { Command } from '../command.js';
import { asShell } from '../shell.js';

/** Does what the operator wants. */
export type Want = (command: Command) => void;

/** Resolves to what there is to say about it; empty where it is done. */
async function act(name: string, command: Command): Promise<string> {
  const response = await fetch('/act', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, command }),
  });
  if (response.ok) return '';
  const answer: unknown = await response.json().catch(() => null);
  const reasons =
    typeof answer === 'object' && answer !== null && 'reasons' in answer ? answer.reasons : null;
  return Array.isArray(reasons) ? reasons.join('; ') : `refused (${String(response.status)})`;
}

/** Acts in somebody's name, and what was said of the last one: the page is never the only way. */
export function useActs(name: string): { readonly want: Want; readonly said: string } {
  const [said, setSaid] = useState('');
  const want = (command: Command): void => {
    const shell = asShell(command);
    setSaid(`… ${shell}`);
    act(name, command).then(
      (trouble) => {
        setSaid(trouble === '' ? `done; the same from a shell: ${shell}` : trouble);
      },
      (error: unknown) => {
        setSaid(String(error));
      },
    );
  };
  return { want, said };
}
