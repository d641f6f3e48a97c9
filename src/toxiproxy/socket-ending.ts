import type { Socket } from 'node:net';

/*
 * The only ways in which the server ends a socket. Two toxics, a peer and the API can all want to end one
 * connection at the same time, so each of these may be called at any moment and in any order; a stronger
 * one (end, close, reset, destroy) overtakes a weaker one that is under way.
 */

/** Ends the stream to the peer behind what is still to be written (FIN); the other direction goes on. */
export function endStream(socket: Socket): void {
  socket.end();
}

/** Closes the socket once what is still to be written has been. */
export function closeSocket(socket: Socket): void {
  socket.destroySoon();
}

/**
 * Resets the connection (RST to the peer) without waiting for what is still to be written.
 *
 * The system cannot reset a socket whose FIN is on its way: libuv answers EINVAL, Node.js takes the handle
 * for closed, and neither the socket nor the process ever ends. Such a socket is reset right after the
 * FIN, which waits for nobody: it is asked for when nothing is left to be written.
 */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  // There is no connection yet, so there is nothing to reset: the dial ends.
  if (socket.connecting) socket.destroy();
  else if (isFinUnderWay(socket)) {
    // Before the listener of `destroySoon`, which would close the socket in the ordinary way.
    socket.prependOnceListener('finish', () => {
      resetSocket(socket);
    });
  } else socket.resetAndDestroy();
}

function isFinUnderWay(socket: Socket): boolean {
  return socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
}
