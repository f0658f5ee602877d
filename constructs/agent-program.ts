import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The agent that this package was built with, as one file; undefined when it runs from its sources, where
 * none is built: gateways then get their state alone, and nothing brings their tunnels up.
 */
export function packagedAgent(): string | undefined {
  if (!__filename.endsWith('.js')) return undefined;
  const file = path.join(__dirname, '..', 'agent', 'dwcp-agent.cjs');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
