import { InvalidArgumentError } from '@commander-js/extra-typings';
import { parseDurationMs } from '../units/duration.js';

/** A whole number of 0 or more, as an option's value. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('expected a whole number of at most nine digits.');
  return Number(text);
}

/** A whole number of 1 or more, as an option's value. */
export function countOfAtLeastOne(text: string): number {
  const count = wholeNumber(text);
  if (count === 0) throw new InvalidArgumentError('expected at least 1.');
  return count;
}

/** A duration with its unit, in milliseconds. */
export function durationOption(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined || ms < 0)
    throw new InvalidArgumentError('expected a duration with a unit, such as 15m.');
  return ms;
}

/** `127.0.0.1:8025`, `[::1]:0`, `localhost:8025`. */
export function listenOption(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || digits === undefined || Number(digits) > 65_535)
    throw new InvalidArgumentError(
      'expected an address and a port, such as 127.0.0.1:8025; port 0 is any free one.',
    );
  return { host, port: Number(digits) };
}
