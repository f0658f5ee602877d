// The agent as one file, as gateways run it: no node_modules there. Debian 12 has Node 18.
import { chmodSync } from 'node:fs';
import { build } from 'esbuild';

const outfile = new URL('../dist/agent/dwcp-agent.cjs', import.meta.url).pathname;
await build({
  entryPoints: [new URL('../lib/agent/main.ts', import.meta.url).pathname],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node18',
  format: 'cjs',
  // Of packages their ES modules, so that what nobody imports stays out.
  mainFields: ['module', 'main'],
  conditions: ['module'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'inline',
  // Cluster support of prom-client: the agent is one process.
  external: ['cluster'],
  logLevel: 'warning',
});
chmodSync(outfile, 0o755);
