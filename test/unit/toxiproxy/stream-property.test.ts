import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startToxiproxyServer, type ToxiproxyServer } from '../../../src/toxiproxy/server.js';
import { pause } from '../../support/waiting.js';
import { open, patternBytes, startServer } from './tcp.js';

/** What the server does to bytes, whatever is done to the chain of toxics while they flow. */
let server: ToxiproxyServer;
let proxies = 0;

beforeAll(async () => {
  server = await startToxiproxyServer({ host: '127.0.0.1', port: 0 });
});

afterAll(async () => server.close());

async function call(method: string, path: string, body?: object): Promise<string> {
  const response = await fetch(server.url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
  return text;
}

const latency = fc.record({
  latency: fc.integer({ min: 0, max: 15 }),
  jitter: fc.integer({ min: 0, max: 10 }),
});
const bandwidth = fc.record({ rate: fc.integer({ min: 200, max: 20_000 }) });
const slowClose = fc.record({ delay: fc.integer({ min: 0, max: 15 }) });
const slicer = fc
  .record({
    average_size: fc.integer({ min: 16, max: 3_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ average_size, share }) => ({
    average_size,
    size_variation: Math.floor(average_size * share),
    delay: 20,
  }));

interface ToxicChoice {
  readonly type: string;
  readonly attributes: object;
}

function choose(type: string, attributes: fc.Arbitrary<object>): fc.Arbitrary<ToxicChoice> {
  return attributes.map((chosen) => ({ type, attributes: chosen }));
}

/** Toxics that keep every byte. */
const keeping = fc.oneof(
  choose('latency', latency),
  choose('bandwidth', bandwidth),
  choose('slow_close', slowClose),
  choose('slicer', slicer),
  choose('noop', fc.constant({})),
);
/** Toxics that cut the stream off somewhere. */
const cutting = fc.oneof(
  choose('limit_data', fc.record({ bytes: fc.integer({ min: 0, max: 150_000 }) })),
  choose('timeout', fc.record({ timeout: fc.integer({ min: 0, max: 20 }) })),
  choose('reset_peer', fc.record({ timeout: fc.integer({ min: 0, max: 20 }) })),
);

type Step =
  | { readonly do: 'send'; readonly bytes: number }
  | { readonly do: 'add'; readonly toxic: ToxicChoice; readonly toxicity: number }
  | { readonly do: 'change'; readonly which: number; readonly toxic: ToxicChoice; readonly toxicity: number }
  | { readonly do: 'remove'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number };

function steps(toxic: fc.Arbitrary<ToxicChoice>): fc.Arbitrary<Step[]> {
  const which = fc.nat({ max: 9 });
  const toxicity = fc.constantFrom(1, 1, 0.5, 0);
  const send = fc.record({ do: fc.constant('send' as const), bytes: fc.integer({ min: 1, max: 60_000 }) });
  return fc.array(
    fc.oneof(
      send,
      send,
      fc.record({ do: fc.constant('add' as const), toxic, toxicity }),
      fc.record({ do: fc.constant('change' as const), which, toxic, toxicity }),
      fc.record({ do: fc.constant('remove' as const), which }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 8 }) }),
    ),
    { minLength: 4, maxLength: 14 },
  );
}

interface Outcome {
  readonly sent: Buffer;
  readonly received: Buffer;
}

/** Lets a sender's bytes flow through a proxy while the steps change its toxics; `stream` is the sender's side. */
async function play(stream: 'upstream' | 'downstream', script: readonly Step[]): Promise<Outcome> {
  const totalBytes = script.reduce((sum, step) => sum + (step.do === 'send' ? step.bytes : 0), 0);
  const sent = patternBytes(totalBytes);
  const name = `p${String(proxies++)}`;
  const arrived: Buffer[] = [];
  let finished: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finished = resolve;
  });
  let serverWrite: (bytes: Buffer | undefined) => void = () => undefined;
  await using upstream = await startServer((socket) => {
    if (stream === 'upstream') {
      socket.on('data', (bytes: Buffer) => arrived.push(bytes));
      socket.on('close', finished);
      socket.on('end', () => socket.end());
    } else {
      socket.resume();
      serverWrite = (bytes) => (bytes === undefined ? socket.end() : socket.write(bytes));
    }
  });
  const created = await call('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream: upstream.address });
  using client = await open(/"listen":"([^"]+)"/.exec(created)?.[1] ?? '');
  if (stream === 'downstream') while (upstream.sockets.size === 0) await pause(1);
  const write = (bytes: Buffer | undefined): void => {
    if (stream === 'downstream') serverWrite(bytes);
    else if (bytes === undefined) client.socket.end();
    else client.socket.write(bytes);
  };

  const toxics: { readonly name: string; readonly type: string }[] = [];
  let sentBytes = 0;
  for (const step of script) {
    if (step.do === 'send') {
      write(sent.subarray(sentBytes, sentBytes + step.bytes));
      sentBytes += step.bytes;
    } else if (step.do === 'wait') await pause(step.ms);
    else if (step.do === 'add') {
      const toxic = `t${String(toxics.length)}-${String(Math.random())}`;
      toxics.push({ name: toxic, type: step.toxic.type });
      await call('POST', `/proxies/${name}/toxics`, {
        ...step.toxic,
        name: toxic,
        stream,
        toxicity: step.toxicity,
      });
    } else if (toxics.length > 0) {
      const index = step.which % toxics.length;
      const toxic = toxics[index];
      const path = `/proxies/${name}/toxics/${toxic?.name ?? ''}`;
      if (step.do === 'remove') {
        toxics.splice(index, 1);
        await call('DELETE', path);
      } else {
        const attributes = step.toxic.type === toxic?.type ? step.toxic.attributes : {};
        await call('PATCH', path, { attributes, toxicity: step.toxicity });
      }
    }
  }
  write(undefined);
  // A timeout of 0 would hold the end of a cut stream for ever.
  await pause(15);
  for (const { name: toxic, type } of toxics) {
    if (type === 'timeout') await call('DELETE', `/proxies/${name}/toxics/${toxic}`);
  }
  if (stream === 'upstream') await done;
  else await client.receiveAll();
  const received = stream === 'upstream' ? Buffer.concat(arrived) : client.received;
  await call('DELETE', `/proxies/${name}`);
  return { sent, received };
}

describe.each(['upstream', 'downstream'] as const)('bytes sent %s', (stream) => {
  it('arrive as they were sent, whatever chain of keeping toxics is added, changed and removed meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(steps(keeping), async (script) => {
        const { sent, received } = await play(stream, script);
        expect(received.length).toBe(sent.length);
        expect(received.equals(sent)).toBe(true);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('arrive as an exact prefix when toxics that cut are among them', async () => {
    await fc.assert(
      fc.asyncProperty(steps(fc.oneof(keeping, cutting)), async (script) => {
        const { sent, received } = await play(stream, script);
        expect(received.length).toBeLessThanOrEqual(sent.length);
        expect(received.equals(sent.subarray(0, received.length))).toBe(true);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
