import { tryAgentProcess, onGateway } from './processes';
import type { LabFailure } from './impairment';
import { isAlive, readFailures, readFaults, type Lab, type MadeFault, type UnderlayKind } from './record';
import { run } from './run';

/** A lab as it is now. */
export interface LabStatus {
  readonly lab: string;
  readonly network: string;
  readonly planDigest: string;
  readonly underlay: UnderlayKind;
  readonly gateways: readonly GatewayStatus[];
  readonly failures: readonly LabFailure[];
  /** Faults of gateways that last. */
  readonly faults: readonly MadeFault[];
}

export interface GatewayStatus {
  readonly id: string;
  readonly namespace: string;
  /** Process number of its agent; null: it does not run. */
  readonly agent: number | null;
  readonly tunnels: number;
  /** Tunnels with a handshake within 3 minutes: WireGuard sends nothing after that. */
  readonly tunnelsUp: number;
}

/** WireGuard's Reject-After-Time (Donenfeld 2017, section 6.1). */
const rejectAfterSeconds = 180;

/** Asks every gateway. */
export async function labStatus(lab: Lab): Promise<LabStatus> {
  const { plan, record, layout } = lab;
  const gateways = layout.gateways.map(async ({ id, namespace }): Promise<GatewayStatus> => {
    const process = tryAgentProcess(lab, id);
    const own = layout.tunnels.filter((t) => t.ends.some((end) => end.gateway === id));
    return {
      id,
      namespace,
      agent: process && isAlive(process) ? process.pid : null,
      tunnels: own.length,
      tunnelsUp: await tunnelsUp(lab, id),
    };
  });
  return {
    lab: record.lab,
    network: plan.network,
    planDigest: plan.digest,
    underlay: record.underlay,
    gateways: await Promise.all(gateways),
    failures: readFailures(lab),
    faults: readFaults(lab),
  };
}

async function tunnelsUp(lab: Lab, id: string): Promise<number> {
  const out = await run(onGateway(lab, id, ['wg', 'show', 'all', 'latest-handshakes']));
  const now = Date.now() / 1000;
  const times = out.split('\n').map((line) => Number(line.split('\t')[2] ?? 0));
  return times.filter((at) => now - at < rejectAfterSeconds).length;
}
