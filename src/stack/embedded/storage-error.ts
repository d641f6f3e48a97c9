import type { Operation } from './array/protocol.js';

/** The errno names that say no more than that a file is, or is not, there: the volume itself is well. */
const ABOUT_THE_FILE = new Set(['ENOENT', 'EEXIST']);

/** An operation on a volume that failed, with the errno that a program on a mounted volume would get. */
export class StorageError extends Error {
  readonly errno: string;
  readonly operation: Operation;

  constructor(operation: Operation, errno: string, path: string) {
    super(`${operation} of ${path}: ${errno}`);
    this.name = 'StorageError';
    this.errno = errno;
    this.operation = operation;
  }

  get isAboutTheFile(): boolean {
    return ABOUT_THE_FILE.has(this.errno);
  }
}

/** The errno's name in an error of Node's file system or network; `EIO` where there is none. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}
