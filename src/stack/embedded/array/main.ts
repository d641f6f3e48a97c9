/** The storage array of one volume, a process of its own: `main.js FOLDER`. */
import { Brick } from './brick.js';
import { arrayCommand } from './commands.js';
import { Heads } from './heads.js';
import { serveCommands, tell } from '../control.js';

const [root] = process.argv.slice(2);
if (root === undefined) throw new Error('usage: main.js FOLDER');

const heads = new Heads(new Brick(root));
serveCommands(async (given) => {
  const command = arrayCommand.parse(given);
  if (command.do === 'open') return heads.open(command.spec, command.port);
  await heads.close(command.kind);
  return null;
});
tell({ ready: true });
