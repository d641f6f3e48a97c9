/**
 * Imported into a process before its main module: answers every message of its parent with the kinds of
 * what the process holds open (sockets, listeners, requests, timers), one entry each.
 */
process.on('message', () => {
  process.send?.(process.getActiveResourcesInfo());
});
// Being asked must not keep the process alive.
process.channel?.unref();
