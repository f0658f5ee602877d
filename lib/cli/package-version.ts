/** Version of the program, from its package. */
export function packageVersion(): string {
  // From source and from dist alike.
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- the same
      const found = require(up) as { name?: string; version?: string };
      if (found.name === 'dwcp-multiregion' && found.version) return found.version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
