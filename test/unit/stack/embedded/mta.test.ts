import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseMtaLine, readyPorts } from '../../../../src/stack/embedded/mta/events.js';
import { QueueFolder } from '../../../../src/stack/embedded/mta/queue.js';

describe('what the plugin in Haraka tells', () => {
  it('becomes records of the MTA', () => {
    const message = { queueId: 'A.1.1', messageId: '<x@y>' };
    expect(parseMtaLine(`@${JSON.stringify({ message })}`)).toEqual({ kind: 'message', ...message });
    const delivery = {
      queueId: 'A.1.1',
      recipient: 'u1@libero.test',
      status: 'deferred',
      enhanced: '4.2.0',
      reply: '451 4.2.0 later',
    };
    expect(parseMtaLine(`@${JSON.stringify({ delivery })}`)).toEqual({
      kind: 'delivery',
      ...delivery,
      nextHop: { refused: false, unanswered: false },
    });
    const removed = { queueId: 'A.1.1' };
    expect(parseMtaLine(`@${JSON.stringify({ removed })}`)).toEqual({ kind: 'removed', ...removed });
  });

  it('is told apart from the log', () => {
    expect(parseMtaLine('2026-01-01 [NOTICE] [-] [core] Listening')).toBeNull();
    expect(readyPorts('@{"ready":{"mx":1,"submission":2}}')).toEqual({ mx: 1, submission: 2 });
    expect(readyPorts('[NOTICE] ready')).toBeUndefined();
  });
});

describe("Haraka's queue folder", () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nobounce-queue-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('is listed with the header of each file, and the reason the log gave', async () => {
    const header = Buffer.from(
      `\n${JSON.stringify({
        uuid: 'A.1.1',
        mail_from: { original: '<c1@outside.test>' },
        rcpt_to: [{ original: '<u1@libero.test>' }],
      })}\n`,
    );
    const length = Buffer.alloc(4);
    length.writeUInt32BE(header.length);
    const content = Buffer.concat([length, header, Buffer.from('Subject: x\r\n\r\n')]);
    await writeFile(join(dir, '1700000000000_1700000003000_1_42_AbCdEf_1_host'), content);
    await writeFile(join(dir, '__tmp__.1700000000000_1700000000000_0_42_GhIjKl_2_host'), content);
    const folder = new QueueFolder(dir);
    const expected = [
      {
        queueId: 'A.1.1',
        queue: 'deferred',
        sender: 'c1@outside.test',
        recipients: [{ address: 'u1@libero.test', reason: '451 4.2.0 later' }],
      },
    ];
    expect(await folder.list(() => '451 4.2.0 later')).toEqual(expected);
    expect(await folder.list(() => '451 4.2.0 later')).toEqual(expected);
  });
});
