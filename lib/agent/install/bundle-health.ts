import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../client';

/** How a gateway fares with what it has installed; unknown: nothing tells. */
export type BundleHealth = 'good' | 'bad' | 'unknown';

export interface Patience {
  /** Longest wait for the agent to be ready, ms. */
  readonly readyMs: number;
  /** How long it must stay so, ms. */
  readonly steadyMs: number;
}

/** Carrying tunnels of the running agent; 0 where none runs. */
export async function carryingTunnels(socket: string): Promise<number> {
  const tunnels = await connect({ socket })
    .tunnels()
    .catch(() => []);
  return tunnels.filter(({ health }) => health === 'up' || health === 'degraded').length;
}

/**
 * Good: the agent is ready with this plan, and still is after `steadyMs`, and where tunnels carried before,
 * one carries. Ready alone would not do: an agent whose tunnels are all down knows that they are. Where
 * nothing carried before, what is missing may be the others' (a network that boots): that is unknown, not
 * bad.
 *
 * @param carriedBefore tunnels that carried before the installation.
 */
export async function judgeBundle(
  socket: string,
  planDigest: string,
  carriedBefore: number,
  { readyMs, steadyMs }: Patience,
): Promise<BundleHealth> {
  const agent = connect({ socket });
  const well = async () => {
    const state = await agent.state().catch(() => undefined);
    if (state?.planDigest !== planDigest || !state.ready) return false;
    return carriedBefore === 0 || (await carryingTunnels(socket)) > 0;
  };
  const notWell = carriedBefore === 0 ? 'unknown' : 'bad';
  for (const endMs = Date.now() + readyMs; !(await well()); await sleep(200)) {
    if (Date.now() >= endMs) return notWell;
  }
  await sleep(steadyMs);
  return (await well()) ? 'good' : notWell;
}
