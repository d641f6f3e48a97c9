import { describe, expect, it } from 'vitest';
import { drill } from './drill.js';

describe('a drill on the embedded stack', () => {
  it('passes an outage of every write, with every message accounted for', async () => {
    const timeline = [
      'steady: 5s',
      'inject: { fault: vendor-os-bug, volume: gold, errno: EIO, operations: [write, fsync] }',
      'hold: 5s',
      'heal: all',
    ];
    await drill({ name: 'short-outage', timeline }, ({ exitCode, output, results }) => {
      expect(exitCode, output).toBe(0);
      expect(output).toContain("embedded (Haraka + nobounce's model store)");
      expect(results?.verdict).toBe('pass');
      expect(results?.driver).toBe('embedded');
      expect(results?.mail).toMatchObject({ lost: 0, bounced: 0 });
      expect(results?.mail.queuedInOutage).toBeGreaterThan(0);
      expect(results?.faults[0]?.evidence).toContain('EIO');
    });
  });

  const faults: Readonly<Record<string, readonly string[]>> = {
    'of the array': [
      'fault: read-only',
      'fault: vendor-os-bug, errno: EROFS, operations: [rename, unlink, truncate]',
      'fault: disk-full',
      'fault: quota-exceeded',
      'fault: stale-handle',
      'fault: slow-disk, delay: 300ms',
      'fault: array-crash',
      'fault: mount-lost',
    ],
    'of the path to it': [
      'fault: latency, latency: 100ms',
      'fault: bandwidth, rate: 20KiB/s',
      'fault: stall',
      'fault: blackhole',
      'fault: refuse',
      'fault: reset',
      'fault: flap, down: 1s, up: 1s',
    ],
  };
  it.each(Object.entries(faults))('feels each fault %s come and go', async (where, written) => {
    const timeline = [
      'steady: 2s',
      ...written.flatMap((fault) => [`inject: { ${fault}, volume: gold }`, 'hold: 500ms', 'heal: all']),
    ];
    const name = where.replaceAll(' ', '-');
    await drill({ name, timeline }, ({ output, results }) => {
      const names = written.map((fault) => /fault: ([a-z-]+)/.exec(fault)?.[1]);
      expect(results?.faults.map((fault) => fault.name)).toEqual(names);
      for (const fault of results?.faults ?? []) {
        expect(fault.feltAt, `${fault.name} was not felt\n${output}`).not.toBeNull();
        expect(fault.goneAt, `${fault.name} did not go\n${output}`).not.toBeNull();
      }
      expect(results?.checks.find((check) => check.name === 'no-loss')?.verdict, output).toBe('pass');
    });
  });

  it('refuses what it cannot do before anything starts, naming it and the driver', async () => {
    await drill(
      { name: 'time-travel', timeline: ['steady: 1s', 'advance: 1h'] },
      ({ exitCode, output, results }) => {
        expect(exitCode).toBe(4);
        expect(output).toMatch(/embedded driver cannot do `advance` .* lacks movable-clocks/);
        expect(results).toBeNull();
      },
    );
  });
});
