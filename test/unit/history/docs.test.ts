import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/check/registry.js';
import { FAULT_NAMES } from '../../../src/fault/registry.js';
import { EVENT_SCHEMAS, HISTORY_VERSION } from '../../../src/history/event.js';
import { limitsSchema } from '../../../src/scenario/limits.js';

const page = (name: string) => readFile(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

describe('docs/history.md', () => {
  it('describes every event, no other, and says the version', async () => {
    const text = await page('history.md');
    const described = [...text.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z]+\.[a-z]+)`/g)].map(([, name]) => name),
    );
    const events: string[] = EVENT_SCHEMAS.map((schema) => schema.shape.type.value);
    expect(described.toSorted()).toEqual(events.toSorted());
    expect(text).toContain(`**Version ${HISTORY_VERSION}.**`);
  });
});

describe('docs/faults.md', () => {
  it('has a row for every fault, and no other', async () => {
    const rows = [...(await page('faults.md')).matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
    expect(rows.toSorted()).toEqual([...FAULT_NAMES].toSorted());
  });
});

describe('docs/checks.md', () => {
  it('describes every check in order, with each of its limits', async () => {
    const sections = (await page('checks.md')).split(/^### /m).slice(1);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(CHECKS.map(({ name }) => name));
    for (const [index, { name }] of CHECKS.entries()) {
      const limits = Object.keys(limitsSchema.shape[name].unwrap().shape).filter((key) => key !== 'skip');
      const missing = limits.filter((key) => !sections[index]?.includes(`\`${key}\``));
      expect(missing, name).toEqual([]);
    }
  });
});
