import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The agent of this working tree as one file, as scripts/bundle-agent.mjs makes it; removed by `remove`. */
export function builtAgent(): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-agent-'));
  const file = path.join(folder, 'dwcp-agent.cjs');
  buildSync({
    entryPoints: [path.join(__dirname, '..', '..', 'lib', 'agent', 'main.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node18',
    format: 'cjs',
    external: ['cluster'],
    logLevel: 'error',
  });
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}
