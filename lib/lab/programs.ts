import path from 'node:path';
import { agentNodeOptions } from '../gateway';
import type { LabPrograms } from './bring-up';

/** This file's own ending: `.js` in the package, `.ts` where a loader runs the sources. */
const ending = path.extname(__filename);

function ours(...parts: string[]): string[] {
  return [process.execPath, ...process.execArgv, path.join(__dirname, ...parts) + ending];
}

/** The agent as one file, as gateways run it: the same as in their bundles. */
const packagedAgent = path.join(
  __dirname,
  '..',
  '..',
  ...(ending === '.js' ? [] : ['dist']),
  'agent',
  'dwcp-agent.cjs',
);

/**
 * The programs of this package; the agent with the options of Node that it has on a gateway.
 *
 * @param agent file of the agent program; default: the package's own single file.
 */
export function packagePrograms(agent = packagedAgent): LabPrograms {
  const loader = agent.endsWith('.ts') ? process.execArgv : [];
  return {
    agent: [process.execPath, ...agentNodeOptions, ...loader, agent],
    relay: ours('relay', 'main'),
    cloud: ours('cloud', 'main'),
  };
}

/** The program that sends and receives test streams. */
export function streamProgram(): string[] {
  return ours('stream', 'main');
}
