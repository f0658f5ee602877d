import { loadSolver } from '../../lib/project/solver';
import { tunnelEnds } from '../../lib/addressing';
import { gatewayState, type GatewayState } from '../../lib/gateway';
import { readDescription } from '../../lib/model';
import {
  createKeyFile,
  unsealText,
  openAsGateway,
  publicKeysOf,
  sealedPartOf,
  type GatewayKeys,
} from '../../lib/net/keys';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { seededRandom } from '../net/seeded-random';

/** A network as its gateways get it. */
export interface PlannedGateways {
  readonly plan: PlanDocument;
  /** What the gateway reads. */
  state(gateway: string): GatewayState;
  /** What it opens for itself. */
  keys(gateway: string): GatewayKeys;
}

/** A description planned by the real planner, with keys. Throws where it does not plan. */
export async function plannedGateways(description: string): Promise<PlannedGateways> {
  const { network, diagnostics } = readDescription(description, 'net.yaml');
  if (!network) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const tunnels = tunnelEnds(network);
  const gateways = network.regions.flatMap((r) =>
    Array.from({ length: r.gatewayCount }, (_, i) => `${r.id}/${i + 1}`),
  );
  const cost = { n: 1024, r: 1, p: 1 };
  const passphrase = 'test fixture passphrase';
  const ends = tunnels.map(({ id, ends }) => ({ id, ends }));
  const random = seededRandom('gateways');
  const { opened } = await createKeyFile(
    network.name,
    { gateways, tunnels: ends },
    { passphrase },
    random,
    cost,
  );
  const built = buildPlan(network, { lock: null, keys: publicKeysOf(opened.file), solver: loadSolver });
  if (!built.plan) throw new Error(built.diagnostics.map((d) => d.message).join('\n'));
  const { plan } = built;
  const states = new Map<string, GatewayState>();
  return {
    plan,
    state(id) {
      // As it comes from the bundle: JSON alone.
      const known = states.get(id) ?? (JSON.parse(JSON.stringify(gatewayState(plan, id))) as GatewayState);
      states.set(id, known);
      return known;
    },
    keys(id) {
      const own = openAsGateway(sealedPartOf(opened.file, id), unsealText(opened, id));
      if (!own.ok) throw new Error(own.problem.message);
      return own.value;
    },
  };
}
