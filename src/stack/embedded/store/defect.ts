/**
 * Defects that the model store can be started with (NOBOUNCE_STORE_DEFECT), so that the whole drill can be seen to
 * find them: docs/embedded.md names the check that must.
 */
const DEFECTS = [
  /** After storage came back, the first message is answered 250 and not stored. */
  'loses-on-recovery',
  /** A storage error is answered with 554 instead of 451. */
  'rejects-on-error',
  /** A mailbox that cannot be read is shown as an empty one. */
  'shows-empty',
  /** After storage came back, every mailbox of the volume has another UIDVALIDITY. */
  'changes-uidvalidity',
  /** 250 before the message is stored; an error after that is nobody's. */
  'answers-early',
  /** After storage came back, every message is stored twice. */
  'delivers-twice',
] as const;

export type Defect = (typeof DEFECTS)[number];

/** Throws where there is no such defect. */
export function parseDefect(text: string | undefined): Defect | undefined {
  if (text === undefined || text === '') return undefined;
  const found = DEFECTS.find((defect) => defect === text);
  if (found === undefined) throw new Error(`no defect ${text}; there are: ${DEFECTS.join(', ')}`);
  return found;
}
