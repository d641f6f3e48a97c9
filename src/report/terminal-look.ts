import { styleText } from 'node:util';

type Env = Readonly<Record<string, string | undefined>>;
export type Style = Parameters<typeof styleText>[0];

/** How a terminal is written to. */
export interface TerminalLook {
  readonly colour: boolean;
  /** Paths are links (OSC 8). */
  readonly links: boolean;
}

/**
 * FORCE_COLOR before NO_COLOR (https://no-color.org: present and not empty), as Node has it, and else what stands behind
 * the stream. Every command asks here.
 */
export function wantsColour(isTTY: boolean | undefined, env: Env): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return isTTY === true && env['TERM'] !== 'dumb';
}

/** Terminals that show OSC 8 as a link; the others may show its bytes. */
const LINKING_PROGRAMS = ['iTerm.app', 'WezTerm', 'vscode', 'ghostty', 'Hyper', 'Tabby'];
const LINKING_TERMS = ['xterm-kitty', 'alacritty', 'xterm-ghostty', 'foot'];
/** GNOME Terminal and its kin, from VTE 0.50 on. */
const LINKING_VTE = 5_000;

function canLink(env: Env): boolean {
  // What lies between keeps the bytes to itself, or prints them.
  if (env['TMUX'] !== undefined || env['STY'] !== undefined || env['CI'] !== undefined) return false;
  return (
    LINKING_PROGRAMS.includes(env['TERM_PROGRAM'] ?? '') ||
    LINKING_TERMS.includes(env['TERM'] ?? '') ||
    Number(env['VTE_VERSION'] ?? 0) >= LINKING_VTE ||
    env['WT_SESSION'] !== undefined ||
    env['KONSOLE_VERSION'] !== undefined
  );
}

/** How to write to a stream, by what stands behind it and what the person asked for. */
export function lookOf(isTTY: boolean | undefined, env: Env): TerminalLook {
  return { colour: wantsColour(isTTY, env), links: isTTY === true && canLink(env) };
}

/** A text in a style, where colours are wanted. */
export function styled(look: Pick<TerminalLook, 'colour'>, style: Style, text: string): string {
  // What is wanted is decided above; Node would decide by its own standard output.
  return look.colour ? styleText(style, text, { validateStream: false }) : text;
}
