import { z } from 'zod';

/** One message, as the outside prints it (src/traffic/outside/main.ts); `raw` in base64. */
export const outsideLine = z.object({ from: z.string(), to: z.string(), raw: z.string() });
