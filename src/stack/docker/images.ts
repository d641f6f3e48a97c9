/** Makes sure that one image is there, tells of it while it is made, and gives its full name. */
export type ImageMaker = (tell: (line: string) => void) => Promise<string>;

/**
 * Makes sure that all images are there, one after the other. What is told of one says which of them it is; where any
 * had to be made, a line says when all are there.
 * @returns their full names by the keys of `makers`.
 */
export async function ensureAll(
  makers: ReadonlyMap<string, ImageMaker>,
  progress: (line: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const images = new Map<string, string>();
  let told = 0;
  for (const [key, make] of makers) {
    const place = `image ${images.size + 1} of ${makers.size}`;
    const image = await make((line) => {
      told += 1;
      progress(`${place}: ${line}`);
    });
    images.set(key, image);
  }
  if (told > 0) progress(`all ${makers.size} images are there`);
  return images;
}
