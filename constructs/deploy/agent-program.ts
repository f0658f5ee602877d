import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The agent that this package was built with, as one file; undefined when it runs from its sources, where
 * none is built: gateways then find no agent in their bundles, and do not install them.
 */
export function packagedAgent(): string | undefined {
  if (!__filename.endsWith('.js')) return undefined;
  const file = path.join(__dirname, '..', '..', 'agent', 'dwcp-agent.cjs');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
