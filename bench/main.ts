/** `npm run bench`, or `npm run bench -- start toxiproxy judge drill`: each benchmark's table with its aims. */
import { format, run as toxiproxy } from './toxiproxy.js';
import { run as drill, table as drillTable } from './drill.js';
import { run as start, table as startTable } from './start.js';
import { run as judge, table as judgeTable } from './judge.js';

const BENCHES: Readonly<Record<string, () => Promise<string>>> = {
  start: async () => startTable(await start()),
  toxiproxy: async () => format(await toxiproxy()),
  judge: async () => judgeTable(await judge()),
  drill: async () => drillTable(await drill()),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 3;
} else {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`\n${name}`);
    try {
      console.log(await bench());
    } catch (error) {
      // One that cannot run here, for want of a Docker engine say, keeps none of the others from running.
      console.error(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    }
  }
}
