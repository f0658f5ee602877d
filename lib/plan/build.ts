import { allocate, type Allocation, type LockFile } from '../addressing';
import { hasErrors, sortDiagnostics, warning, type Diagnostic } from '../diagnostics';
import { buildTopology, type Topology } from '../graph';
import type { Network } from '../model';
import { buildTunnels, type Tunnel } from '../tunnels';
import { costTable } from './cost-table';
import { decideObjectives } from './decide-objectives';
import { planDigest } from './digest';
import { formatVersion, type CostTable, type PlanDocument, type PlannedObjective } from './document';
import { planRoutes, type RouteTable } from './plan-routes';

/** The public half of a key file. */
export interface PublicKeySet {
  readonly network: string;
  /** Public key, base64, by gateway id. */
  readonly gateways: Readonly<Record<string, string>>;
  /** Ids of the tunnels that have a preshared key. */
  readonly presharedKeys: readonly string[];
}

/** What a plan is made of beside the network. */
export interface PlanInputs {
  /** The committed lock file; null: allocate afresh. */
  readonly lock: LockFile | null;
  /** Public keys; null: there is no key file yet. */
  readonly keys: PublicKeySet | null;
  /** Told where the work stands; must not change anything. */
  readonly progress?: (what: string, done?: number, total?: number) => void;
}

/** A plan with the lock to keep, or why there is none. Warnings stand in the plan too. */
export interface BuiltPlan {
  readonly plan?: PlanDocument;
  readonly lock?: LockFile;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the stages have made so far. A stage reads what stands before it. */
interface Draft {
  readonly network: Network;
  readonly inputs: PlanInputs;
  readonly allocation?: Allocation;
  readonly lock?: LockFile;
  readonly tunnels?: readonly Tunnel[];
  readonly topology?: Topology;
  readonly table?: RouteTable;
  readonly cost?: CostTable;
  readonly objectives?: readonly PlannedObjective[];
}

type Stage = (draft: Draft) => Partial<Draft> & { readonly diagnostics?: readonly Diagnostic[] };

/**
 * The stages, in the order in which data meets them. Each reports all its faults; the first stage with an
 * error is the last that runs.
 */
const stages: readonly (readonly [string, Stage])[] = [
  // Blocks, addresses, ports, names, segments: kept from the lock, new ones in id order.
  ['allocating', ({ network, inputs }) => allocate(network, inputs.lock)],
  // The two ends of every link, with parameters and references to keys.
  ['joining', joinLinks],
  // The flat arrays that every algorithm below reads.
  ['indexing', ({ network }) => ({ topology: buildTopology(network) })],
  // Primary, backups and equal-cost paths for every pair and class.
  [
    'routing',
    ({ network, topology, tunnels, inputs }) => planRoutes(network, topology!, tunnels!, inputs.progress),
  ],
  // What it costs before traffic.
  ['pricing', ({ network }) => ({ cost: costTable(network) })],
  // Statements that must hold.
  ['deciding', ({ network, table, cost }) => decideObjectives(network, table!.routes, table!.byId, cost!)],
];

/**
 * Plans a network: runs the stages and seals the document. Pure: equal input gives equal bytes. A warning
 * never stops planning; it stands in the plan.
 */
export function buildPlan(network: Network, inputs: PlanInputs): BuiltPlan {
  let draft: Draft = { network, inputs };
  const diagnostics: Diagnostic[] = [];
  for (const [name, run] of stages) {
    inputs.progress?.(name);
    const { diagnostics: found = [], ...made } = run(draft);
    diagnostics.push(...found);
    if (hasErrors(diagnostics)) return { diagnostics: sortDiagnostics(diagnostics) };
    draft = { ...draft, ...made };
  }
  const sorted = sortDiagnostics(diagnostics);
  return { plan: seal(draft as Required<Draft>, sorted), lock: draft.lock, diagnostics: sorted };
}

function joinLinks({ network, inputs, allocation }: Draft): ReturnType<Stage> {
  const tunnels = buildTunnels(network, allocation!, new Set(inputs.keys?.presharedKeys ?? []));
  const gateways = [...allocation!.gateways.keys()].sort();
  const keyless = gateways.filter((id) => inputs.keys?.gateways[id] === undefined);
  const pskless = tunnels.filter((t) => !t.presharedKey).map((t) => t.id);
  const missing = [...keyless.map((id) => `gateway ${id}`), ...pskless];
  if (missing.length === 0) return { tunnels };
  const named =
    missing.length > 4
      ? `${missing.slice(0, 4).join(', ')} and ${missing.length - 4} more`
      : missing.join(', ');
  const message = inputs.keys === null ? 'there is no key file yet' : `the key file has no key for ${named}`;
  const next = 'make the keys before you deploy: dwcp keys init';
  return { tunnels, diagnostics: [warning('keys-missing', '', message, next)] };
}

function seal(draft: Required<Draft>, diagnostics: readonly Diagnostic[]): PlanDocument {
  const { network, allocation, inputs, table } = draft;
  const body: Omit<PlanDocument, 'digest'> = {
    formatVersion,
    network: network.name,
    tags: network.tags,
    pools: { ...network.pools, ipv6: allocation.ipv6Pool },
    regions: network.regions.map(({ block: _, ...region }) => ({
      ...region,
      ...allocation.regions.get(region.id)!,
    })),
    gateways: network.regions.flatMap((region) =>
      Array.from({ length: region.gatewayCount }, (_, i) => {
        const id = `${region.id}/${i + 1}`;
        const publicKey = inputs.keys?.gateways[id] ?? null;
        return { id, region: region.id, number: i + 1, publicKey, ...allocation.gateways.get(id)! };
      }),
    ),
    links: network.links,
    tunnels: draft.tunnels,
    policies: network.policies,
    paths: table.paths,
    routes: table.routes,
    demands: network.demands,
    reservations: network.reservations,
    objectives: draft.objectives,
    cost: draft.cost,
    warnings: sortDiagnostics([...network.warnings, ...diagnostics]).map(({ code, path, message, next }) => ({
      code,
      path,
      message,
      next,
    })),
  };
  return { ...body, digest: planDigest(body) };
}
