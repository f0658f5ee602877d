import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { GatewayState } from '../../gateway';
import { patientRunner, runProcess, type RunProcess } from '../apply/linux/run-process';
import { AgentProblem, connect } from '../client';
import { doctorText, examine, worst, type Check, type GatewayFacts } from '../doctor';
import { gatewaySchema } from '../../gateway/shape';
import { isColoured, print } from '../files/print';
import { lastFetchUtcMs, readFetched } from './read-fetched';
import { readJournalFigures } from './run-logs';
import { readSsmFault } from '../install/ssm-agent';

export interface DoctorOptions {
  readonly bundle: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly fetchDir: string;
  readonly socket: string;
  readonly etc: string;
  /** What is kept of the SSM agent that the plan names; absent: nothing is. */
  readonly ssmDir?: string;
  /** What became of the journal; absent: nobody sends it. */
  readonly logsRunDir?: string;
  readonly json?: boolean;
  /** Words before every command that looks at the network, for tests. */
  readonly prefix?: readonly string[];
}

/** Exit codes of `dwcp-agent doctor`. */
const exits = { ok: 0, warn: 1, fail: 2 } as const;

/**
 * `dwcp-agent doctor`: how this host is, for a gateway; works without a running agent too.
 *
 * @returns 0 all is well, 1 something may cost traffic, 2 something costs traffic now.
 */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const [running, trouble] = await Promise.all([askState(options.socket), askTrouble(options.socket)]);
  const checks = await examineGateway(options, running, trouble, runProcess);
  print(options.json ? JSON.stringify({ checks }, null, 2) : doctorText(checks, isColoured()));
  return exits[worst(checks)];
}

/** The same from within the agent: one process at a time, which holds up no probe. */
export function examineFromWithin(options: DoctorOptions, trouble: string): Promise<readonly Check[]> {
  return examineGateway(options, 'self', trouble, patientRunner());
}

async function examineGateway(
  options: DoctorOptions,
  running: GatewayFacts['running'],
  trouble: string,
  run: RunProcess,
): Promise<readonly Check[]> {
  const { bundle, stateDir, runDir, fetchDir, etc, prefix } = options;
  const nowUtcMs = Date.now();
  const lastMs = lastFetchUtcMs(fetchDir);
  const facts: GatewayFacts = {
    gateway: tryGateway(bundle),
    running,
    trouble,
    fetched: readFetched(fetchDir, bundle),
    fetchAgeMs: lastMs === null ? null : nowUtcMs - lastMs,
    nowUtcMs,
    ssmFault: options.ssmDir === undefined ? null : readSsmFault(options.ssmDir),
    journal: options.logsRunDir === undefined ? null : readJournalFigures(options.logsRunDir),
  };
  return examine(facts, { prefix, run, etc, folders: [stateDir, runDir, fetchDir] });
}

function tryGateway(bundle: string): GatewayState | null {
  try {
    return gatewaySchema.parse(JSON.parse(readFileSync(path.join(bundle, 'gateway.json'), 'utf8')));
  } catch {
    return null;
  }
}

async function askState(socket: string): Promise<GatewayFacts['running']> {
  try {
    const { ready, generation } = await connect({ socket }).state();
    return { ready, generation };
  } catch (error) {
    if (error instanceof AgentProblem && error.status === 0) return null;
    return { ready: false, generation: 0 };
  }
}

async function askTrouble(socket: string): Promise<string> {
  try {
    return (await connect({ socket }).health()).reason ?? '';
  } catch (error) {
    // Nobody to ask is another finding.
    return error instanceof AgentProblem && error.status === 503 ? error.message : '';
  }
}
