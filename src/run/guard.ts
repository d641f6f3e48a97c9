/**
 * Until the function that it gives is called, an error that nobody caught is told instead of ending the process: a run that is going on must heal
 * and tear down first.
 */
export function guard(uncaught: (error: Error) => void): () => void {
  const onError = (error: unknown): void => {
    uncaught(error instanceof Error ? error : new Error(String(error)));
  };
  // Rejections that nobody handles come here too (Node.js, `--unhandled-rejections=throw`).
  process.on('uncaughtException', onError);
  return () => {
    process.off('uncaughtException', onError);
  };
}
