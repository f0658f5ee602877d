import { setTimeout as sleep } from 'node:timers/promises';
import { nearest } from '../diagnostics';
import { tryAgentProcess } from './processes';
import { isAlive, LabFault, writeRecord, type Lab } from './record';
import { startAgent } from './start-agent';

/** Longest that an agent may take to end, ms. */
const patienceMs = 10_000;

/**
 * Restarts a gateway's agent as systemd does: SIGTERM, and a new one once it has ended.
 *
 * @param program the agent to start, with the arguments before its own; undefined: the same as before.
 * @returns how long there was no agent that had its plan applied, ms.
 * @throws LabFault if there is no such gateway, or no agent runs, or it does not end, or the new one does
 * not begin.
 */
export async function restartAgent(lab: Lab, gateway: string, program?: readonly string[]): Promise<number> {
  const known = lab.layout.gateways.map(({ id }) => id);
  if (!known.includes(gateway)) {
    const near = nearest(gateway, known);
    const hint = near === undefined ? '' : `; did you mean '${near}'?`;
    throw new LabFault(`the lab has no gateway '${gateway}'${hint}`);
  }
  const running = tryAgentProcess(lab, gateway);
  if (!running || !isAlive(running)) throw new LabFault(`no agent runs on ${gateway}`);
  const record = program ? { ...lab.record, agent: program } : lab.record;
  if (program) writeRecord(lab.directory, record);
  const startMs = performance.now();
  process.kill(running.pid, 'SIGTERM');
  while (isAlive(running)) {
    if (performance.now() - startMs > patienceMs) {
      throw new LabFault(`the agent of ${gateway} does not end: process ${running.pid}`);
    }
    await sleep(5);
  }
  await startAgent({ ...lab, record }, gateway);
  return performance.now() - startMs;
}
