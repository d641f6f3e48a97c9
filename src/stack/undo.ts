import { z } from 'zod';

const link = { url: z.string(), proxy: z.string() };
const inContainer = { container: z.string(), service: z.string() };

const HEADS = ['healthy', 'read-only', 'faulty', 'slow'] as const;

/** What is done in a container, by its id: another process can do it through the same engine. */
const containerStep = z.discriminatedUnion('via', [
  z.object({
    via: z.literal('exec'),
    ...inContainer,
    command: z.array(z.string()).min(1).readonly(),
    timeoutMs: z.number().positive(),
  }),
  /** Fails where a container does not see the mount of a volume. */
  z.object({ via: z.literal('see-mount'), ...inContainer, volumesAt: z.string(), volume: z.string() }),
]);
export type ContainerStep = z.infer<typeof containerStep>;

/** What is done to a service that is a child of the harness, by the pipe that only the harness holds. */
const childStep = z.object({
  via: z.literal('child'),
  service: z.string(),
  act: z.discriminatedUnion('do', [
    z.object({ do: z.literal('close-head'), kind: z.enum(HEADS) }),
    z.object({ do: z.literal('restart') }),
    z.object({ do: z.literal('mount'), volume: z.string() }),
  ]),
});
export type ChildStep = z.infer<typeof childStep>;

/** What is done to a link, by Toxiproxy's API. */
const linkStep = z.discriminatedUnion('via', [
  z.object({ via: z.literal('remove-toxic'), ...link, toxic: z.string() }),
  z.object({ via: z.literal('enable-link'), ...link }),
  z.object({ via: z.literal('lead-link'), ...link, upstream: z.string() }),
]);
export type LinkStep = z.infer<typeof linkStep>;

/**
 * One step of an undo, as data: what it takes to make something well again that was broken on purpose. Whoever has it
 * can do it, without anything of the process that broke it. Right after a whole act, half of one and none, and when
 * done twice.
 */
export const undoStep = z.discriminatedUnion('via', [containerStep, childStep, linkStep]);
/** Steps in the order in which they are done. */
export type Undo = readonly z.infer<typeof undoStep>[];
export type StorageStep = ContainerStep | ChildStep;

/** How the heads of an array are undone: the link leads to the healthy one in between. */
export interface HeadUndo {
  readonly before: readonly StorageStep[];
  /** Of the healthy head, as Toxiproxy sees it. */
  readonly upstream: string;
  readonly after: readonly StorageStep[];
}
