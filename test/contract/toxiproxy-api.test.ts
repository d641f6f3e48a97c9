import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Endpoint, startEndpoint } from './toxiproxy-endpoint.js';

let endpoint: Endpoint;

beforeAll(async () => {
  endpoint = await startEndpoint();
});

afterEach(async () => {
  const { body } = await call('GET', '/proxies');
  for (const [, name] of body.matchAll(/"name":("(?:[^"\\]|\\.)*"),"listen"/g)) {
    await call('DELETE', `/proxies/${encodeURIComponent(String(JSON.parse(name ?? '')))}`);
  }
});

afterAll(async () => endpoint[Symbol.asyncDispose]());

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

async function call(
  method: string,
  path: string,
  body?: string,
  headers?: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(endpoint.url + path, {
    method,
    ...(body === undefined ? {} : { body }),
    ...(headers === undefined ? {} : { headers }),
  });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

/** As upstream answers an error: JSON, but called plain text, and with a line feed. */
function apiError(status: number, error: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${JSON.stringify({ error, status })}\n` };
}

const NO_BODY = { status: 204, type: null, body: '' };
const PROXY = '{"name":"one","upstream":"127.0.0.1:9","listen":"127.0.0.1:0","enabled":false}';
const PROXY_SHOWN =
  '{"name":"one","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":false,"Logger":{},"toxics":[]}';

function json(status: number, body: string): Answer {
  return { status, type: 'application/json', body };
}

describe('proxies', () => {
  it('lists none as an empty object', async () => {
    expect(await call('GET', '/proxies')).toEqual(json(200, '{}'));
  });

  it('creates, shows, lists and deletes one', async () => {
    expect(await call('POST', '/proxies', PROXY)).toEqual(json(201, PROXY_SHOWN));
    expect(await call('GET', '/proxies/one')).toEqual(json(200, PROXY_SHOWN));
    expect(await call('GET', '/proxies')).toEqual(json(200, `{"one":${PROXY_SHOWN}}`));
    expect(await call('DELETE', '/proxies/one')).toEqual(NO_BODY);
    expect(await call('GET', '/proxies/one')).toEqual(apiError(404, 'proxy not found'));
    expect(await call('DELETE', '/proxies/one')).toEqual(apiError(404, 'proxy not found'));
  });

  it('reads keys in any case and ignores what follows the first value', async () => {
    const body = '{"NAME":"one","Upstream":"127.0.0.1:9","listen":"127.0.0.1:0","enabled":false} and more';
    expect(await call('POST', '/proxies', body)).toEqual(json(201, PROXY_SHOWN));
  });

  it('sorts the list by name', async () => {
    for (const name of ['b', '10', 'a', '__proto__']) {
      await call('POST', '/proxies', PROXY.replace('one', name));
    }
    const { body } = await call('GET', '/proxies');
    expect([...body.matchAll(/"name":"([^"]*)"/g)].map(([, name]) => name)).toEqual([
      '10',
      '__proto__',
      'a',
      'b',
    ]);
  });

  it.each(['sp ace', 'ü', 'q?x=1', '50%', '#', 'a:b', "it's", 'a+b'])('takes the name %s', async (name) => {
    const path = `/proxies/${encodeURIComponent(name)}`;
    expect((await call('POST', '/proxies', JSON.stringify({ ...JSON.parse(PROXY), name }))).status).toBe(201);
    expect((await call('GET', path)).body).toContain(JSON.stringify(name));
    expect(await call('DELETE', path)).toEqual(NO_BODY);
  });

  it('refuses a name that is taken', async () => {
    await call('POST', '/proxies', PROXY);
    expect(await call('POST', '/proxies', PROXY)).toEqual(apiError(409, 'proxy already exists'));
  });

  it.each([
    ['', 'bad request body: EOF'],
    ['{', 'bad request body: unexpected EOF'],
    ['not json', "bad request body: invalid character 'o' in literal null (expecting 'u')"],
    ['{"a":1,}', "bad request body: invalid character '}' looking for beginning of object key string"],
    ['[]', 'bad request body: json: cannot unmarshal array into Go value of type toxiproxy.Proxy'],
    [
      '{"name":1}',
      'bad request body: json: cannot unmarshal number into Go struct field Proxy.name of type string',
    ],
    ['null', 'missing required field: name'],
    ['{"upstream":"u:1"}', 'missing required field: name'],
    ['{"name":"one"}', 'missing required field: upstream'],
  ])('answers 400 to the body %j', async (body, message) => {
    expect(await call('POST', '/proxies', body)).toEqual(apiError(400, message));
  });

  it.each([
    ['local373', 'listen tcp: address local373: missing port in address'],
    ['127.0.0.1:99999', 'listen tcp: address 99999: invalid port'],
    ['::1:80', 'listen tcp: address ::1:80: too many colons in address'],
    ['192.0.2.1:7171', 'listen tcp 192.0.2.1:7171: bind: cannot assign requested address'],
  ])('answers 500 where it cannot listen on %s', async (listen, message) => {
    const body = JSON.stringify({ name: 'one', upstream: 'u:1', listen });
    // Go names the port or the whole address, depending on its version.
    const answer = await call('POST', '/proxies', body);
    expect(answer.status).toBe(500);
    expect(answer.body.replace('127.0.0.1:99999', '99999')).toContain(message);
    expect((await call('GET', '/proxies')).body).toBe('{}');
  });

  it('changes only what it is told, by PATCH and by POST', async () => {
    await call('POST', '/proxies', PROXY);
    expect((await call('PATCH', '/proxies/one', '{"upstream":"127.0.0.1:8"}')).body).toBe(
      PROXY_SHOWN.replace('127.0.0.1:9', '127.0.0.1:8'),
    );
    expect((await call('POST', '/proxies/one', '{"enabled":null,"name":"other"}')).body).toContain(
      '127.0.0.1:8',
    );
    expect(await call('PATCH', '/proxies/none', '{}')).toEqual(apiError(404, 'proxy not found'));
    expect((await call('PATCH', '/proxies/one', 'x')).status).toBe(400);
    expect(await call('PATCH', '/proxies/one', '{"listen":"bogus"}')).toEqual(
      apiError(500, 'address bogus: missing port in address'),
    );
  });
});

describe('toxics', () => {
  const LATENCY = '{"attributes":{"latency":5,"jitter":0},"name":"latency_downstream","type":"latency",';
  const LATENCY_SHOWN = `${LATENCY}"stream":"downstream","toxicity":1}`;

  it('gives defaults, changes attributes and toxicity, and deletes', async () => {
    await call('POST', '/proxies', PROXY);
    expect(await call('GET', '/proxies/one/toxics')).toEqual(json(200, '[]'));
    const body = '{"type":"latency","attributes":{"latency":5}}';
    expect(await call('POST', '/proxies/one/toxics', body)).toEqual(json(200, LATENCY_SHOWN));
    expect(await call('POST', '/proxies/one/toxics', body)).toEqual(apiError(409, 'toxic already exists'));
    const path = '/proxies/one/toxics/latency_downstream';
    expect(await call('GET', path)).toEqual(json(200, LATENCY_SHOWN));
    const changed = LATENCY_SHOWN.replace('"jitter":0', '"jitter":2').replace(
      '"toxicity":1',
      '"toxicity":0.5',
    );
    expect(await call('PATCH', path, '{"attributes":{"jitter":2},"toxicity":0.5,"name":"x"}')).toEqual(
      json(200, changed),
    );
    expect(await call('POST', path, '{}')).toEqual(json(200, changed));
    expect((await call('GET', '/proxies/one')).body).toContain(`"toxics":[${changed}]`);
    expect(await call('DELETE', path)).toEqual(NO_BODY);
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      const answer = await call(method, path, method === 'PATCH' ? '{}' : undefined);
      expect(answer).toEqual(apiError(404, 'toxic not found'));
    }
  });

  it('lists the upstream direction first, keeps the case of the stream, writes toxicity as a 32-bit float', async () => {
    await call('POST', '/proxies', PROXY);
    await call('POST', '/proxies/one/toxics', '{"type":"noop","toxicity":0.123456789}');
    await call('POST', '/proxies/one/toxics', '{"type":"noop","stream":"UPSTREAM"}');
    expect((await call('GET', '/proxies/one/toxics')).body).toBe(
      '[{"attributes":{},"name":"noop_UPSTREAM","type":"noop","stream":"UPSTREAM","toxicity":1},' +
        '{"attributes":{},"name":"noop_downstream","type":"noop","stream":"downstream","toxicity":0.12345679}]',
    );
  });

  it.each([
    ['{}', 400, 'invalid toxic type'],
    ['{"type":"nope"}', 400, 'invalid toxic type'],
    ['{"type":"latency","stream":"x"}', 400, 'stream was invalid, can be either upstream or downstream'],
    ['x', 400, "bad request body: invalid character 'x' looking for beginning of value"],
    [
      '{"type":"latency","attributes":{"latency":1.5}}',
      400,
      'bad request body: json: cannot unmarshal number 1.5 into Go struct field LatencyToxic.attributes.latency of type int64',
    ],
    [
      '{"type":"latency","attributes":[]}',
      400,
      'bad request body: json: cannot unmarshal array into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic',
    ],
  ])('answers the toxic %s with %i', async (body, status, message) => {
    await call('POST', '/proxies', PROXY);
    expect(await call('POST', '/proxies/one/toxics', body)).toEqual(apiError(status, message));
    expect(await call('GET', '/proxies/one/toxics')).toEqual(json(200, '[]'));
  });

  it('knows no toxics of a proxy that it does not know', async () => {
    expect(await call('GET', '/proxies/none/toxics')).toEqual(apiError(404, 'proxy not found'));
    expect(await call('POST', '/proxies/none/toxics', '{}')).toEqual(apiError(404, 'proxy not found'));
  });
});

describe('populate', () => {
  const TWO = PROXY.replace('one', 'two');

  it('creates proxies in order, keeps those that stay the same, replaces those that differ', async () => {
    const list = `[${PROXY.replace('127.0.0.1:0', '127.0.0.1:27070')},${TWO}]`;
    const answer = await call('POST', '/populate', list);
    expect(answer).toMatchObject({ status: 201, type: 'application/json' });
    expect([...answer.body.matchAll(/"name":"([^"]*)"/g)].map(([, name]) => name)).toEqual(['one', 'two']);
    await call('POST', '/proxies/one/toxics', '{"type":"latency"}');
    expect((await call('POST', '/populate', list)).body).toContain('latency_downstream');
    expect((await call('POST', '/populate', list.replace(':9', ':8'))).body).not.toContain(
      'latency_downstream',
    );
  });

  it('says what it got to when it fails', async () => {
    const { body } = await call(
      'POST',
      '/populate',
      `[${PROXY},{"name":"bad","upstream":"u:1","listen":"local373"},${TWO}]`,
    );
    expect(body).toBe(
      `{"error":"listen tcp: address local373: missing port in address","status":500,"proxies":[${PROXY_SHOWN}]}`,
    );
  });

  it.each([
    ['[{"name":"a","upstream":"u:1"},{"name":""}]', 'missing required field: name at proxy 2'],
    ['[{"name":"a"}]', 'missing required field: upstream at proxy 1'],
    ['', 'bad request body: EOF'],
  ])('touches nothing for %j', async (list, error) => {
    expect(await call('POST', '/populate', list)).toEqual(
      json(400, JSON.stringify({ error, status: 400, proxies: null })),
    );
    expect((await call('GET', '/proxies')).body).toBe('{}');
  });
});

describe('the rest', () => {
  it('tells its version', async () => {
    const answer = await call('GET', '/version');
    expect(answer).toMatchObject({ status: 200, type: 'application/json;charset=utf-8' });
    expect(answer.body).toMatch(/^\{"version": "2\.\d+\.\d+"\}\n$/);
  });

  it('numbers its answers', async () => {
    const response = await fetch(`${endpoint.url}/version`);
    expect(response.headers.get('x-toxiproxy-request-id')).toMatch(/.{16,}/);
  });

  it('refuses browsers', async () => {
    const answer = await call('GET', '/proxies', undefined, { 'User-Agent': 'Mozilla/5.0 (X11)' });
    expect(answer).toEqual({
      status: 403,
      type: 'text/plain; charset=utf-8',
      body: 'User agent not allowed\n',
    });
  });

  it('resets with 204', async () => {
    await call('POST', '/proxies', PROXY);
    await call('POST', '/proxies/one/toxics', '{"type":"latency"}');
    expect(await call('POST', '/reset')).toEqual(NO_BODY);
    expect((await call('GET', '/proxies/one')).body).toMatch(/"enabled":true,"Logger":\{\},"toxics":\[\]/);
  });

  it.each([
    ['GET', '/nope', 404],
    ['GET', '/proxies/', 404],
    ['PUT', '/proxies', 405],
    ['GET', '/reset', 405],
    ['DELETE', '/version', 405],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect((await call(method, path)).status).toBe(status);
  });

  it('shows metrics as Prometheus text', async () => {
    const { status, type } = await call('GET', '/metrics');
    expect(status).toBe(200);
    expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
  });
});

describe('what is refused and how it is said', () => {
  const mismatch = (found: string, field: string, type: string): Answer =>
    apiError(
      400,
      `bad request body: json: cannot unmarshal ${found} into Go struct field ${field} of type ${type}`,
    );

  it.each([
    ['{"name":5}', mismatch('number', 'Proxy.name', 'string')],
    ['{"NAME":{}}', mismatch('object', 'Proxy.name', 'string')],
    ['{"Logger":5}', mismatch('number', 'Proxy.Logger', 'zerolog.Logger')],
    ['{"logger":[]}', mismatch('array', 'Proxy.Logger', 'zerolog.Logger')],
    ['{"enabled":"yes","name":5}', mismatch('string', 'Proxy.enabled', 'bool')],
    ['{"name":5,"enabled":"yes"}', mismatch('number', 'Proxy.name', 'string')],
    ['{"name":5,"Name":"one"}', mismatch('number', 'Proxy.name', 'string')],
    ['{"name":"other","Logger":{"a":1}}', json(200, PROXY_SHOWN)],
    ['{"name":null,"Logger":null,"Toxics":5}', json(200, PROXY_SHOWN)],
  ])('changing a proxy to %s', async (body, answer) => {
    await call('POST', '/proxies', PROXY);
    for (const method of ['POST', 'PATCH']) expect(await call(method, '/proxies/one', body)).toEqual(answer);
  });

  it.each([
    ['{"attributes":{"latency":"y"},"toxicity":"x"}', 'LatencyToxic.attributes.latency', 'int64'],
    ['{"toxicity":"x","attributes":{"latency":"y"}}', '.toxicity', 'float32'],
    ['{"attributes":{"jitter":"y","latency":true}}', 'LatencyToxic.attributes.jitter', 'int64'],
    ['{"attributes":"x"}', '.attributes', 'toxics.LatencyToxic'],
  ])('changing a toxic to %s names what is wrong first', async (body, field, type) => {
    await call('POST', '/proxies', PROXY);
    await call('POST', '/proxies/one/toxics', '{"type":"latency","name":"l"}');
    expect(await call('PATCH', '/proxies/one/toxics/l', body)).toEqual(mismatch('string', field, type));
  });

  it('a name that is taken counts before attributes that are wrong', async () => {
    await call('POST', '/proxies', PROXY);
    await call('POST', '/proxies/one/toxics', '{"type":"latency","name":"l"}');
    expect(
      await call('POST', '/proxies/one/toxics', '{"type":"latency","name":"l","attributes":{"latency":"x"}}'),
    ).toEqual(apiError(409, 'toxic already exists'));
  });

  it('attributes that are given twice are put together', async () => {
    await call('POST', '/proxies', PROXY);
    const body = '{"type":"latency","name":"l","attributes":{"latency":7},"attributes":{"jitter":8}}';
    expect((await call('POST', '/proxies/one/toxics', body)).body).toContain('{"latency":7,"jitter":8}');
  });

  it('any change of a disabled proxy whose address is none', async () => {
    await call('POST', '/proxies', PROXY.replace('127.0.0.1:0', 'nonsense'));
    for (const body of ['{}', '{"enabled":true}', '{"upstream":"127.0.0.1:8"}']) {
      expect(await call('PATCH', '/proxies/one', body)).toEqual(
        apiError(500, 'address nonsense: missing port in address'),
      );
    }
  });

  it.each(['127.1', '2130706433', '127.0.0.01', '256.0.0.1', '*', ' 127.0.0.1'])(
    'the host %j, which is none',
    async (host) => {
      const body = PROXY.replace('127.0.0.1:0', `${host}:0`).replace('false', 'true');
      expect(await call('POST', '/proxies', body)).toEqual(
        apiError(500, `listen tcp: lookup ${host}: no such host`),
      );
    },
  );

  it('what HTML or JavaScript would take amiss is escaped', async () => {
    const name = '<a>&\u2028\u2029\ud83d\ude00';
    const shown = String.raw`"\u003ca\u003e\u0026\u2028\u2029` + '\ud83d\ude00"';
    const created = await call('POST', '/proxies', PROXY.replace('"one"', JSON.stringify(name)));
    expect(created).toEqual(json(201, PROXY_SHOWN.replace('"one"', shown)));
    expect(await call('GET', '/proxies')).toEqual(json(200, `{${shown}:${created.body}}`));
    const toxic = JSON.stringify({ type: 'noop', name });
    const path = `/proxies/${encodeURIComponent(name)}/toxics`;
    expect((await call('POST', path, toxic)).body).toContain(`"name":${shown}`);
    const refused = await call(
      'POST',
      '/proxies',
      PROXY.replace('127.0.0.1:0', 'a<b:0').replace('false', 'true'),
    );
    expect(refused.body).toBe(
      String.raw`{"error":"listen tcp: lookup a\u003cb: no such host","status":500}` + '\n',
    );
  });

  it('half of a surrogate pair becomes the replacement character', async () => {
    const created = await call('POST', '/proxies', PROXY.replace('one', String.raw`\ud800x`));
    expect(created).toEqual(json(201, PROXY_SHOWN.replace('one', '\ufffdx')));
  });
});

describe('populating again', () => {
  const list = (listen: string, more: string): string =>
    `[{"name":"one","listen":"${listen}","upstream":"127.0.0.1:9"${more}}]`;

  it.each([
    ['localhost', 'enables a proxy whose host is a name, and drops its toxics', true],
    ['127.0.0.1', 'leaves a proxy alone whose host is an address', false],
  ])('%s %s', async (host, _, isReplaced) => {
    // A port that is free: the one that a proxy had just now.
    const free = await call('POST', '/proxies', PROXY.replace('false', 'true').replace('one', 'free'));
    const port = /:(\d+)","upstream/.exec(free.body)?.[1] ?? '';
    await call('DELETE', '/proxies/free');
    await call('POST', '/populate', list(`${host}:${port}`, ',"enabled":false'));
    await call('POST', '/proxies/one/toxics', '{"type":"noop","name":"n"}');
    const again = await call('POST', '/populate', list(`${host}:${port}`, ''));
    expect(again.status).toBe(201);
    expect(again.body).toContain(`"listen":"127.0.0.1:${port}"`);
    expect(again.body).toContain(`"enabled":${String(isReplaced)}`);
    expect(again.body.includes('"name":"n"')).toBe(!isReplaced);
  });

  it('an IPv4 address mapped into IPv6 is shown as IPv4', async () => {
    const created = await call('POST', '/populate', list('[::ffff:127.0.0.1]:0', ''));
    expect(created.body).toMatch(/"listen":"127\.0\.0\.1:\d+"/);
  });
});
