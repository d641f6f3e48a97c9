import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes a file whole or not at all: nobody opens half of one. A link of that name is replaced and never written
 * through, wherever it leads: a run's folder may come from somebody else.
 * @throws the file system's error, and then nothing is left behind.
 */
export async function writeWhole(file: string, content: string): Promise<void> {
  const part = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    // `wx` opens with O_EXCL, which follows no link (open(2)).
    await writeFile(part, content, { flag: 'wx' });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
