/** Says on stderr why a test could not run on this machine. */
export function skipped(reason: string): void {
  process.stderr.write(`skipped: ${reason} (${expect.getState().currentTestName})\n`);
}
