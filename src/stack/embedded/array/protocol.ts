import { z } from 'zod';

const path = z.string();

/**
 * What a client asks of the array: operations on files by path, as in a stateless network file system (NFSv3,
 * RFC 1813), so that a client that reconnects has no handles to mend.
 */
export const requestSchema = z.discriminatedUnion('op', [
  /** Opens a session. The array refuses what still arrives of the client's sessions with a lower epoch (fencing). */
  z.object({ op: z.literal('hello'), id: z.number(), client: z.string(), epoch: z.number() }),
  /** A new, empty file; EEXIST where it is there. */
  z.object({ op: z.literal('create'), id: z.number(), path }),
  /** The payload at an offset. */
  z.object({ op: z.literal('write'), id: z.number(), path, offset: z.number().int().min(0) }),
  z.object({ op: z.literal('truncate'), id: z.number(), path, bytes: z.number().int().min(0) }),
  /** Answered when the file's content is on disk. */
  z.object({ op: z.literal('fsync'), id: z.number(), path }),
  /** Answered when the new name is on disk. */
  z.object({ op: z.literal('rename'), id: z.number(), path, to: path }),
  /** Only asks whether it could be opened: there are no handles. */
  z.object({ op: z.literal('open'), id: z.number(), path }),
  /** The file as payload: the whole of it, or what there is of so many bytes from an offset. */
  z.object({
    op: z.literal('read'),
    id: z.number(),
    path,
    range: z.object({ offset: z.number().int().min(0), bytes: z.number().int().min(0) }).optional(),
  }),
  z.object({ op: z.literal('unlink'), id: z.number(), path }),
  /** With all folders above it; one that is there is no error. */
  z.object({ op: z.literal('mkdir'), id: z.number(), path }),
  z.object({ op: z.literal('readdir'), id: z.number(), path }),
]);

export type ArrayRequest = z.output<typeof requestSchema>;
type FileRequest = Exclude<ArrayRequest, { op: 'hello' }>;
export type Operation = FileRequest['op'];
type WithoutId<T> = T extends FileRequest ? Omit<T, 'id'> : never;
/** A request before it has its number. */
export type FileOperation = WithoutId<FileRequest>;

/** A part of a file, cut off at its end. */
export interface FileRange {
  readonly offset: number;
  readonly bytes: number;
}

/** `errno` is null where it went well; `names`: of `readdir`. */
export const answerSchema = z.object({
  id: z.number(),
  errno: z.string().nullable(),
  names: z.array(z.string()).optional(),
});

/** What changes a volume; a volume that cannot be written to refuses it. */
export const CHANGES: ReadonlySet<Operation> = new Set<Operation>([
  'create',
  'write',
  'truncate',
  'rename',
  'unlink',
  'mkdir',
]);

/** Whether the array has an operation of this name, which a faulty head could fail. */
export function isServed(name: string): boolean {
  return requestSchema.options.some((option) => option.shape.op.value === name && name !== 'hello');
}
