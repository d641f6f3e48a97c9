/** What was seen about one message or thing that deviates; kept only for those which do. */
export interface Note {
  /** `t` of the event. */
  readonly at: number;
  readonly text: string;
}

/** So many subjects are described by kind of note, and so many notes are kept about each. */
const MAX_SUBJECTS = 200;
const MAX_NOTES_EACH = 8;

/**
 * Bounded evidence: the first subjects of a kind keep their notes; about the others only the count
 * is known. A text is kept once for each subject. A run in which everything fails must not need memory for every failure's text.
 */
export class Notes<K> {
  readonly #bySubject = new Map<K, Note[]>();

  add(subject: K, at: number, text: string): void {
    let notes = this.#bySubject.get(subject);
    if (notes === undefined) {
      if (this.#bySubject.size >= MAX_SUBJECTS) return;
      notes = [];
      this.#bySubject.set(subject, notes);
    }
    const isNew = notes.every((note) => note.text !== text);
    if (isNew && notes.length < MAX_NOTES_EACH) notes.push({ at, text });
  }

  of(subject: K): readonly Note[] {
    return this.#bySubject.get(subject) ?? [];
  }
}

/** A list that keeps its first items and counts all. */
export class FirstOf<T> {
  readonly #items: T[] = [];
  #total = 0;

  add(item: T): void {
    this.#total += 1;
    if (this.#items.length < MAX_SUBJECTS) this.#items.push(item);
  }

  get items(): readonly T[] {
    return this.#items;
  }

  get total(): number {
    return this.#total;
  }
}
