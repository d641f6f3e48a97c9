/** Where a reporter writes lines: standard output, or a list in a test. */
export interface TextSink {
  write(text: string): unknown;
}
