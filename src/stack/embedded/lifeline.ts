/**
 * Loaded into a child before its own code (`node --import`): when standard input ends, whoever started the child is
 * gone, however it ended (SIGKILL too), and the child ends with it.
 */
process.stdin.resume();
for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => process.exit(0));
// It must not keep a process alive that has nothing left to do.
if ('unref' in process.stdin) process.stdin.unref();

export {};
