import { readFileSync } from 'node:fs';
import path from 'node:path';
import { leaseKey, routeTablesName } from '../../gateway/route-tables';
import { tryReadSource } from '../aws/cloud-source';
import type { ProbeKeys } from '../probe';
import { awsCloud, defaultTakeoverSettings, startNeighbour, startTakeover, type Takeover } from '../takeover';
import type { Agent, Clock } from './agent';
import { replaceFile } from '../files/replace-file';

export interface TakeoverOptions {
  /** What the bootstrap wrote of where the gateway's objects lie; there need be none. */
  readonly source: string;
  /** A stand-in for the cloud's API; absent: the cloud itself. */
  readonly cloud?: string;
  readonly stateDir: string;
  /** Seconds for which both gateways serve before routes go home, see `TakeoverSettings`. */
  readonly returnWait: number;
}

/**
 * Lets this gateway and the other one of its region stand in for each other.
 *
 * @param keys those that peers may sign under, now.
 * @returns undefined where the plan shares no route table, or the gateway stands in no cloud or has no keys.
 */
export async function runTakeover(
  agent: Agent,
  options: TakeoverOptions,
  keys: () => ProbeKeys | null,
  clock: Clock,
  log: (message: string) => void,
): Promise<Takeover | undefined> {
  const { gateway } = agent.bundle!;
  const own = keys();
  if (!gateway.takeover || own === null) return undefined;
  const kept = path.join(options.stateDir, routeTablesName);
  try {
    const source = tryReadSource(options.source);
    if (!source) return undefined;
    const identity = gateway.identity.slice(0, gateway.identity.lastIndexOf('/'));
    const takeover = await startTakeover({
      cloud: awsCloud({
        source,
        lease: leaseKey({ identity }),
        ...(options.cloud !== undefined && { endpoint: options.cloud }),
      }),
      neighbour: startNeighbour,
      nowMs: () => clock.nowMs(),
      every: (periodMs, what) => {
        const timer = setInterval(what, periodMs);
        return () => clearInterval(timer);
      },
      agent: () => agent.state,
      tell: (event) => {
        log(`${event.what}: ${[event.from, event.to].filter(Boolean).join(' → ')} (${event.cause})`);
        agent.input({ kind: 'tell', event: 'takeover', ...event });
      },
      log,
      settings: { ...defaultTakeoverSettings, returnWaitMs: options.returnWait * 1000 },
      kept: {
        read: () => {
          try {
            return readFileSync(kept, 'utf8');
          } catch {
            return null;
          }
        },
        write: (text) => replaceFile(kept, text),
      },
    });
    takeover.take(gateway, own);
    return takeover;
  } catch (error) {
    // Traffic through the tunnels does not depend on it.
    const cause = error instanceof Error ? error.message : String(error);
    log(`no gateway stands in for this one: ${cause}`);
    agent.input({ kind: 'tell', event: 'takeover', what: 'takeover', from: '', to: 'off', cause });
    return undefined;
  }
}
