import { InvalidArgumentError } from '@commander-js/extra-typings';

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
