import { allocate, type Allocation, type LockedPlan, type LockFile } from '../addressing';
import { hasErrors, sortDiagnostics, warning, type Diagnostic } from '../diagnostics';
import { reportFailures, type FailureResults } from '../failure';
import { buildTopology, type Topology } from '../graph';
import type { Network } from '../model';
import type { Solver } from '../traffic';
import { buildTunnels } from './build-tunnels';
import { mostHops } from '../tunnels';
import { type Tunnel } from './tunnel';
import { listFirst } from '../units';
import { costTable } from './cost-table';
import { decideObjectives } from './decide-objectives';
import { needsFailures } from './objective-kinds';
import { digestOf } from './digest';
import { encodeEntries, joinEntries } from './encode';
import { contentDigest, nextGeneration, type PlanContent } from './generation';
import {
  formatVersion,
  type CostTable,
  type PlanDocument,
  type PlannedFailures,
  type PlannedObjective,
} from './document';
import { PathTable } from './path-table';
import { studyAvailability, type AvailabilityStudy } from './plan-availability';
import { planFailures } from './plan-failures';
import { planRoutes, type RoutedPairs } from './plan-routes';
import { planTraffic, type PlacedTraffic } from './plan-traffic';
import { movedAllocations } from './moved-allocations';
import { withIdsOf } from './with-ids-of';
import type { PlannedPrevious } from './planned-previous';
import { Recall, type Previous } from './recall';
import { requestBook, type RequestBook } from './request-book';
import { isSameData } from './same-data';

/** The public half of a key file. */
export interface PublicKeySet {
  readonly network: string;
  /** Public key, base64, by gateway identity. */
  readonly gateways: Readonly<Record<string, string>>;
  /** Which unsealing secret opens a gateway's keys, 1 to 2^31-1, by gateway identity. */
  readonly secretVersions: Readonly<Record<string, number>>;
  /** The network's signing keys, base64, from the first. */
  readonly signingKeys: readonly string[];
  /** Identities of the tunnels that have a preshared key. */
  readonly presharedKeys: readonly string[];
  /** Public keys that gateways will have when a rotation is finished, by identity. Absent: none. */
  readonly nextGateways?: Readonly<Record<string, string>>;
}

/** What a plan is made of beside the network. */
export interface PlanInputs {
  /** The committed lock file; null: allocate anew. */
  readonly lock: LockFile | null;
  /** Public keys; null: there is no key file yet. */
  readonly keys: PublicKeySet | null;
  /**
   * Generation that gateways may have applied although the lock file does not know it, after a lock file was
   * taken back: the plan gets a higher one. Default 0.
   */
  readonly supersedes?: number;
  /**
   * Loads the solver, once a class of demands is split by it. Absent: such splits are approximate, and the
   * plan says so.
   */
  readonly solver?: () => Solver;
  /** A plan of the same network to keep as much of as can be kept. Default: all is planned from scratch. */
  readonly previous?: Previous;
  /** Told where the work stands; must not change anything. */
  readonly progress?: (what: string, done?: number, total?: number) => void;
}

/**
 * A plan with the lock to keep, or why there is none. Beside a plan there may be errors too: demands that
 * do not fit and broken objectives; such a plan is to be read, not deployed. Warnings stand in the plan.
 */
export interface BuiltPlan {
  readonly plan?: PlanDocument;
  readonly lock?: LockFile;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the stages have made so far. A stage reads what stands before it. */
interface Draft {
  readonly network: Network;
  readonly inputs: PlanInputs;
  /** Do routes and splits of the plan before stand where they can? */
  readonly holds: boolean;
  readonly allocation?: Allocation;
  readonly lock?: LockFile;
  readonly tunnels?: readonly Tunnel[];
  readonly topology?: Topology;
  readonly book?: RequestBook;
  readonly paths?: PathTable;
  readonly recall?: Recall | null;
  readonly routed?: RoutedPairs;
  readonly placed?: PlacedTraffic;
  readonly results?: FailureResults | null;
  readonly availability?: AvailabilityStudy | null;
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
  ['indexing', index],
  // Primary, backups and equal-cost paths for every pair and class.
  [
    'routing',
    ({ network, topology, book, paths, recall, inputs }) =>
      planRoutes(network, topology!, book!, paths!, recall!, inputs.progress),
  ],
  // Reservations are admitted, then demands placed on what they leave.
  [
    'placing',
    ({ network, topology, routed, book, paths, recall, inputs }) =>
      planTraffic(
        { network, topology: topology!, routes: routed!.routes, book: book!, paths: paths!, recall: recall! },
        inputs.solver,
      ),
  ],
  // What every single failure does to routes and loads.
  ['failing', failing],
  // What it costs, and what the traffic of its demands costs.
  ['pricing', ({ network, placed }) => ({ cost: costTable(network, placed!.traffic) })],
  // Statements that must hold.
  [
    'deciding',
    ({ network, routed, placed, paths, results, availability, cost }) =>
      decideObjectives(network, {
        routes: routed!.routes,
        paths: paths!,
        traffic: placed!.traffic,
        results: results ?? null,
        availability: availability ?? null,
        cost: cost!,
      }),
  ],
];

/** Stages whose errors are about what the network achieves, not about whether it can be planned. */
const verdicts: readonly string[] = ['placing', 'deciding'];

/**
 * Plans a network: runs the stages and seals the document. Pure: equal input gives equal bytes. A warning
 * never stops planning; it stands in the plan. With a plan before, as much of it as can be kept is kept;
 * where that would break an objective or leave a demand out that would hold anew, its reservations alone.
 * Where nothing changes the plan before itself comes out, byte for byte.
 */
export function buildPlan(network: Network, inputs: PlanInputs): BuiltPlan {
  const built = runStages({ network, inputs, holds: true });
  if (!inputs.previous || !hasErrors(built.diagnostics)) return built;
  const errors = ({ diagnostics }: BuiltPlan) => diagnostics.filter((d) => d.severity === 'error').length;
  const other = runStages({ network, inputs, holds: false });
  return other.plan && errors(other) < errors(built) ? other : built;
}

function runStages(start: Draft): BuiltPlan {
  const { previous, progress } = start.inputs;
  let draft = start;
  const diagnostics: Diagnostic[] = [];
  for (const [name, run] of stages) {
    progress?.(name);
    const { diagnostics: found = [], ...made } = run(draft);
    diagnostics.push(...found);
    // A network that falls short of what is asked is planned all the same: its plan shows how and where.
    if (hasErrors(found) && !verdicts.includes(name)) return { diagnostics: sortDiagnostics(diagnostics) };
    draft = { ...draft, ...made };
  }
  const sorted = sortDiagnostics(diagnostics);
  const body = compose(draft as Required<Draft>, sorted);
  const stays = previous && isAsBefore(body, previous);
  const content = stays ? contentOf(previous.plan) : body;
  const entries = encodeEntries(content);
  const last = lastPlan(draft.lock!.plan ?? null, previous);
  const kept = nextGeneration(digestOf(joinEntries(entries)), last, start.inputs.supersedes);
  const { generation } = kept;
  const numbered = new Map([...entries, ...encodeEntries({ generation })]);
  return {
    plan: { ...content, generation, digest: digestOf(joinEntries(numbered)) },
    lock: { ...draft.lock!, plan: kept },
    diagnostics: sorted,
  };
}

/**
 * Does nothing differ from the plan before, so that it still says all there is to say? What a refused
 * reservation is told of what would fit depends on who came first, and is no difference.
 */
function isAsBefore(plan: PlanContent, { plan: before, toleranceRatio }: Previous): boolean {
  const content = (p: PlanContent) => ({
    ...p,
    previous: null,
    reservations: p.reservations.map((r) => ({ ...r, reason: '', nearest: '' })),
    warnings: p.warnings.filter((w) => w.code !== 'reservation-refused'),
  });
  // What it kept it kept within another tolerance.
  if (before.previous !== null && before.previous.toleranceRatio !== toleranceRatio) return false;
  return isSameData(content(plan), content(contentOf(before)));
}

function contentOf({ digest: _digest, generation: _generation, ...content }: PlanDocument): PlanContent {
  return content;
}

/** What the plan is numbered after: the newest that the lock file or the plan before know of. */
function lastPlan(locked: LockedPlan | null, previous: Previous | undefined): LockedPlan | null {
  if (!previous || (locked !== null && locked.generation >= previous.plan.generation)) return locked;
  return { generation: previous.plan.generation, digest: contentDigest(contentOf(previous.plan)) };
}

function index({ network, allocation, tunnels, inputs, holds }: Draft): ReturnType<Stage> {
  const topology = buildTopology(network, mostHops);
  const paths = new PathTable(topology, tunnels!);
  const regions = [...allocation!.regions].map(([id, { identity }]) => ({ id, identity }));
  // What was renamed since is recalled by its id of now.
  const before = inputs.previous && {
    ...inputs.previous,
    plan: withIdsOf(inputs.previous.plan, { regions, tunnels: tunnels! }).plan,
  };
  const recall = before ? new Recall(before, topology, holds) : null;
  return { topology, book: requestBook(network, topology), paths, recall };
}

function failing({ network, topology, tunnels, routed, placed, paths }: Draft): ReturnType<Stage> {
  const wanted = network.objectives.some(needsFailures);
  if (!wanted && network.demands.length === 0) return { results: null, availability: null };
  const { demands, regions } = network;
  const [{ routes }, { traffic }] = [routed!, placed!];
  const plan = { routes, demands, traffic, paths: paths!.sorted(), tunnels: tunnels!, regions };
  const results = planFailures(plan, topology!);
  return { results, availability: studyAvailability(network, traffic, results) };
}

function joinLinks({ network, inputs, allocation }: Draft): ReturnType<Stage> {
  const tunnels = buildTunnels(network, allocation!, new Set(inputs.keys?.presharedKeys ?? []));
  const gateways = [...allocation!.gateways].sort(([a], [b]) => (a < b ? -1 : 1));
  const keyless = gateways
    .filter(([, { identity }]) => inputs.keys?.gateways[identity] === undefined)
    .map(([id]) => id);
  const pskless = tunnels.filter((t) => !t.presharedKey).map((t) => t.id);
  const missing = [...keyless.map((id) => `gateway ${id}`), ...pskless];
  if (missing.length === 0) return { tunnels };
  const message =
    inputs.keys === null
      ? 'there is no key file yet'
      : `the key file has no key for ${listFirst(missing, 4)}`;
  const next = 'make the keys before you deploy: dwcp keys init';
  return { tunnels, diagnostics: [warning('keys-missing', '', message, next)] };
}

function failureSummaries(results: FailureResults | null): PlannedFailures | null {
  if (results === null) return null;
  const { noFailure, failures } = reportFailures(results, { worst: 0 });
  return { noFailure, failures };
}

/** How the plan stands to the one before. */
function stanceOf(
  draft: Required<Draft>,
  now: Parameters<typeof movedAllocations>[1],
): PlannedPrevious | null {
  const { inputs, recall, routed, placed } = draft;
  if (!inputs.previous || recall === null) return null;
  const allocations = movedAllocations(recall.plan, now);
  const { demands, reservations, keptClasses, keptReservations } = placed.moves;
  const sum = demands.reduce((total, d) => total + d.movedMbps, 0);
  return {
    digest: inputs.previous.plan.digest,
    toleranceRatio: recall.toleranceRatio,
    movedMbps: Math.round(sum * 1e6) / 1e6,
    moved: { allocations, routes: routed.moved, demands, reservations },
    kept: { routes: routed.kept, classes: keptClasses, reservations: keptReservations },
    paths: recall.named(),
  };
}

function compose(draft: Required<Draft>, diagnostics: readonly Diagnostic[]): PlanContent {
  const { network, allocation, inputs, paths, tunnels } = draft;
  const regions = network.regions.map(({ block: _, prefixes, ...region }) => ({
    ...region,
    ...(prefixes.length > 0 && { prefixes }),
    ...allocation.regions.get(region.id)!,
  }));
  const gateways = network.regions.flatMap((region) =>
    Array.from({ length: region.gatewayCount }, (_, i) => {
      const id = `${region.id}/${i + 1}`;
      const allocated = allocation.gateways.get(id)!;
      const publicKey = inputs.keys?.gateways[allocated.identity] ?? null;
      const nextPublicKey = inputs.keys?.nextGateways?.[allocated.identity];
      const secretEpoch = inputs.keys?.secretVersions[allocated.identity];
      const keys = {
        publicKey,
        ...(nextPublicKey !== undefined && { nextPublicKey }),
        ...(secretEpoch !== undefined && { secretEpoch }),
      };
      return { id, region: region.id, number: i + 1, ...keys, ...allocated };
    }),
  );
  return {
    formatVersion,
    network: network.name,
    identity: allocation.identity,
    tags: network.tags,
    pools: { ...network.pools, ipv6: allocation.ipv6Pool },
    regions,
    gateways,
    ...(inputs.keys && inputs.keys.signingKeys.length > 0 && { signingKeys: inputs.keys.signingKeys }),
    links: network.links,
    tunnels,
    policies: network.policies,
    paths: paths.sorted(),
    routes: draft.routed.routes,
    demands: network.demands,
    traffic: draft.placed.traffic,
    admission: network.admission,
    reservations: draft.placed.reservations,
    ...(network.rollout && { rollout: network.rollout }),
    ...(network.edge && { edge: network.edge }),
    ...(network.operations && { operations: network.operations }),
    failures: failureSummaries(draft.results),
    availability: draft.availability?.planned ?? null,
    objectives: draft.objectives,
    cost: draft.cost,
    previous: stanceOf(draft, { regions, gateways, tunnels }),
    warnings: sortDiagnostics([
      ...network.warnings,
      ...diagnostics.filter((d) => d.severity === 'warning'),
    ]).map(({ code, path, message, next }) => ({
      code,
      path,
      message,
      next,
    })),
  };
}
