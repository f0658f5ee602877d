// Long because each field of the plan has a line, in the order of `document.ts`.
import { cloudNames } from '../catalog';
import { tunnelTypes } from '../tunnels';
import type { Code } from '../diagnostics';
import { byClass } from '../model/qos';
import { statementShape } from '../model/statements';
import type {
  AddressPools,
  AdmissionSettings,
  BalancedWeights,
  ClassShares,
  Constraints,
  Demand,
  Direction,
  ExistingVpc,
  Link,
  Objective,
  Origin,
  Policy,
  Region,
  Reservation,
  Edge,
  EdgePort,
  Operations,
  Rollout,
  Spread,
  SsmAgent,
  StrategyName,
  Transport,
  TunnelType,
  Window,
  WebhookPlace,
} from '../model';
import type {
  CostItem,
  CostTable,
  LinkLoad,
  PlanDocument,
  PlannedAvailability,
  PlannedBackup,
  PlannedCertificate,
  PlannedClass,
  PlannedConflict,
  PlannedDemand,
  PlannedFailures,
  PlannedGateway,
  PlannedObjective,
  PlannedPath,
  PlannedRegion,
  PlannedRepair,
  PlannedReservation,
  PlannedRoute,
  PlannedTraffic,
  PlanWarning,
  RouteRefusal,
  TrafficCost,
} from './document';
import {
  amount,
  between,
  fields,
  figure,
  flag,
  like,
  list,
  localTimeLike,
  name,
  oneOf,
  orAbsent,
  orNull,
  ratio,
  record,
  text,
  whole,
  wholeBetween,
  type Shape,
} from '../shape';
import { evidenceShape } from './evidence-shape';
import { digest, ids, previousShape, qosClass } from './previous-shape';

/*
 * The document of lib/plan/document.ts, field by field, so that every check behind may rely on it. The
 * compiler sees to it that no field is left out. As long as the document, to be read beside it.
 */

const strategy: Shape<StrategyName> = oneOf('latency', 'cost', 'bandwidth', 'balanced', 'metric');
const spread: Shape<Spread> = oneOf('single', 'ecmp', 'wecmp', 'te');
const origin: Shape<Origin> = oneOf('given', 'measured', 'estimated', 'unknown');
const tunnelType: Shape<TunnelType> = oneOf(...tunnelTypes);
const transport: Shape<Transport> = oneOf('overlay');
const id = like(/^[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?$/, 'an id: a lower-case letter, then a-z, 0-9, hyphen');
const priority = wholeBetween(0, 7);
/** `name` does not take what begins with a colon. */
const prefix = like(/^[0-9a-f.:]+\/\d{1,3}$/, 'an IP prefix');

const regionFields = {
  id,
  provider: oneOf(...cloudNames, 'external'),
  place: orNull(name),
  city: orNull(text),
  country: orNull(name),
  lat: orNull(between(-90, 90)),
  lon: orNull(between(-180, 180)),
  endpoint: orNull(name),
  endpointPrivate: flag,
  gatewayCount: oneOf(1, 2),
  instanceType: orNull(name),
  gatewayMbps: orNull(amount),
  drained: flag,
  transit: flag,
  vpc: orNull(fields<ExistingVpc>({ id: name, publicSubnets: ids, routeTables: ids })),
  tags: record(text),
} satisfies { readonly [K in keyof Omit<Region, 'block' | 'prefixes'>]: Shape<Region[K]> };

const region = fields<PlannedRegion>({
  ...regionFields,
  identity: id,
  ipv4Block: name,
  ipv6Block: name,
  prefixes: orAbsent(list(prefix, 1, 64)),
});

const gateway = fields<PlannedGateway>({
  id: name,
  identity: name,
  region: name,
  number: oneOf(1, 2),
  publicKey: orNull(text),
  nextPublicKey: orAbsent(text),
  secretEpoch: orAbsent(wholeBetween(1, 2 ** 31 - 1)),
  ipv4: name,
  ipv6: name,
  locator: name,
  segmentDx4: name,
  segmentDx6: name,
});

const direction = fields<Direction>({
  from: name,
  to: name,
  bandwidthMbps: amount,
  bandwidthOrigin: origin,
  availableMbps: amount,
  latencyMs: amount,
  latencyOrigin: origin,
  costPerGbUsd: orNull(amount),
  costOrigin: origin,
  lossRatio: orNull(ratio),
  availabilityRatio: orNull(ratio),
  utilisationRatio: ratio,
  metric: wholeBetween(1, 65_535),
});

const shares = fields<ClassShares>(byClass(() => ratio));

const link = fields<Link>({
  id: name,
  a: name,
  b: name,
  directions: list(direction, 1, 2),
  srlgs: ids,
  tunnelType,
  transport,
  mtu: wholeBetween(1280, 9000),
  keepaliveSeconds: between(1, 65_535),
  drained: flag,
  standby: flag,
  classShares: orNull(shares),
});

type Tunnel = PlanDocument['tunnels'][number];
const tunnelEnd = fields<Tunnel['ends'][number]>({
  gateway: name,
  interfaceName: like(/^[a-z0-9-]{1,15}$/, 'a name of an interface'),
  listenPort: wholeBetween(1024, 65_535),
  ipv4: name,
  ipv6: name,
  segment: name,
});
const tunnel = fields<Tunnel>({
  id: name,
  identity: name,
  link: name,
  plane: oneOf(1, 2),
  type: tunnelType,
  mtu: wholeBetween(1280, 9000),
  keepaliveSeconds: between(1, 65_535),
  ends: list(tunnelEnd, 2, 2) as Shape<Tunnel['ends']>,
  presharedKey: flag,
});

const policy = fields<Policy>({
  id,
  from: ids,
  to: ids,
  classes: list(qosClass),
  action: oneOf('route', 'deny'),
  oneWay: flag,
  priority: wholeBetween(-1e6, 1e6),
  strategy: orNull(strategy),
  weights: fields<BalancedWeights>({ latency: amount, cost: amount, utilisation: amount }),
  constraints: fields<Constraints>({
    maxLatencyMs: orNull(amount),
    maxHops: orNull(wholeBetween(1, 255)),
    minBandwidthMbps: orNull(amount),
    avoidRegions: ids,
    avoidLinks: ids,
    avoidCountries: ids,
    requireRegions: ids,
    requireLinks: ids,
    requireCountries: ids,
  }),
  disjoint: oneOf('none', 'link', 'node', 'srlg'),
  backups: wholeBetween(0, 8),
  ecmpToleranceRatio: ratio,
  ecmpPaths: wholeBetween(1, 64),
});

const path = fields<PlannedPath>({
  id: text,
  from: text,
  to: text,
  regions: ids,
  links: ids,
  latencyMs: amount,
  costPerGbUsd: orNull(amount),
  unknownCostLinks: ids,
  bandwidthMbps: amount,
  mtu: figure,
  srlgs: ids,
});

const route = fields<PlannedRoute>({
  from: text,
  to: text,
  classes: list(qosClass),
  policy: orNull(text),
  strategy,
  metric: orNull(amount),
  primary: orNull(text),
  backups: list(
    fields<PlannedBackup>({ path: text, sharedLinks: ids, sharedRegions: ids, sharedSrlgs: ids }),
  ),
  equalCost: ids,
  equalCostMore: flag,
  refusal: orNull(
    fields<RouteRefusal>({
      code: oneOf(
        'denied',
        'disconnected',
        'drained',
        'no-transit',
        'constrained',
        'not-disjoint',
        'search-limit',
      ),
      message: text,
      nearest: text,
    }),
  ),
  hint: orNull(text),
});

const demand = fields<Demand>({
  id: text,
  from: text,
  to: text,
  bandwidthMbps: amount,
  class: qosClass,
  maxLatencyMs: orNull(amount),
});

const certificate = fields<PlannedCertificate>({
  bound: amount,
  gapRatio: amount,
  lengths: list(fields<PlannedCertificate['lengths'][number]>({ link: text, from: text, length: amount })),
});

const conflict = fields<PlannedConflict>({
  demands: ids,
  reservations: ids,
  policies: ids,
  smallest: flag,
  askedMbps: amount,
  links: list(
    fields<PlannedConflict['links'][number]>({
      link: text,
      from: text,
      to: text,
      availableMbps: amount,
      reservedMbps: amount,
      length: orNull(amount),
    }),
  ),
  repair: orNull(
    fields<PlannedRepair>({
      upgrades: list(
        fields<PlannedRepair['upgrades'][number]>({
          link: text,
          from: text,
          to: text,
          addMbps: amount,
          usdPerMonth: orNull(amount),
        }),
      ),
      usdPerMonth: orNull(amount),
    }),
  ),
  relaxing: ids,
});

const placedClass = fields<PlannedClass>({
  class: qosClass,
  spread,
  units: wholeBetween(1, 256),
  method: orNull(oneOf('exact', 'approximate')),
  utilisationRatio: amount,
  optimumRatio: orNull(amount),
  certificate: orNull(certificate),
  demands: list(
    fields<PlannedDemand>({
      id: text,
      carriedMbps: amount,
      paths: list(
        fields<PlannedDemand['paths'][number]>({ path: text, weight: wholeBetween(1, 256), mbps: amount }),
      ),
      refusal: orNull(text),
    }),
  ),
  conflict: orNull(conflict),
});

const traffic = fields<PlannedTraffic>({
  spread: fields<PlannedTraffic['spread']>(byClass(() => spread)),
  paths: wholeBetween(1, 16),
  units: wholeBetween(1, 256),
  classes: list(placedClass),
  loads: list(
    fields<LinkLoad>({
      link: text,
      from: text,
      to: text,
      availableMbps: amount,
      reservedMbps: amount,
      demandMbps: amount,
    }),
  ),
  utilisationRatio: amount,
});

const admission = fields<AdmissionSettings>({
  model: oneOf('shared', 'mam', 'rdm'),
  shares,
  headroomRatio: ratio,
  criticalHeadroomRatio: ratio,
});

/** Local times of windows, of the years in which networks plan; what no calendar or clock has is none. */
const localTime = localTimeLike(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/, '2026-12-01T22:00');
const localDate = localTimeLike(/^\d{4}-\d\d-\d\d$/, '2027-06-30');
/** From a millisecond to a century. */
const windowSeconds = between(1e-3, 36525 * 86400);
const reservationFields = {
  id,
  from: text,
  to: text,
  bandwidthMbps: amount,
  class: qosClass,
  setupPriority: priority,
  holdingPriority: priority,
  window: orNull(
    fields<Window>({
      start: localTime,
      end: orNull(localTime),
      durationSeconds: orNull(windowSeconds),
      recur: orNull(oneOf('daily', 'weekly')),
      days: list(oneOf('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')),
      until: orNull(localDate),
      timeZone: text,
    }),
  ),
} satisfies { readonly [K in keyof Reservation]: Shape<Reservation[K]> };
const reservation = fields<PlannedReservation>({
  ...reservationFields,
  admitted: flag,
  path: orNull(text),
  reason: text,
  nearest: text,
});

type Summary = PlannedFailures['noFailure'];
const summary = fields<Summary>({
  kind: oneOf('none', 'link', 'region', 'gateway', 'srlg', 'links'),
  id: text,
  routesAffected: whole,
  routesStranded: whole,
  routesCut: whole,
  routesEnded: whole,
  demandsAffected: whole,
  demandsLost: whole,
  demandsCongested: whole,
  movedMbps: amount,
  lostMbps: amount,
  endedMbps: amount,
  fullest: orNull(
    fields<NonNullable<Summary['fullest']>>({
      link: text,
      from: text,
      to: text,
      utilisationRatio: orNull(amount),
    }),
  ),
  linksOverloaded: whole,
  slowest: orNull(
    fields<NonNullable<Summary['slowest']>>({ from: text, to: text, beforeMs: amount, afterMs: amount }),
  ),
  interruption: orAbsent(
    fields<NonNullable<Summary['interruption']>>({
      routes: whole,
      demands: whole,
      mbps: amount,
      seconds: amount,
    }),
  ),
});

const objectiveFields = {
  id,
  from: ids,
  to: ids,
  classes: list(qosClass),
  statement: statementShape,
} satisfies { readonly [K in keyof Objective]: Shape<Objective[K]> };
const objective = fields<PlannedObjective>({
  ...objectiveFields,
  verdict: oneOf('holds', 'broken', 'undecided'),
  evidence: evidenceShape,
});

const cost = fields<CostTable>({
  asOf: text,
  items: list(
    fields<CostItem>({
      region: text,
      item: text,
      quantity: oneOf(1, 2, 4),
      usdPerMonth: orNull(amount),
      origin: oneOf('measured', 'estimated', 'unknown'),
    }),
  ),
  knownUsdPerMonth: amount,
  unknown: list(text),
  traffic: orNull(
    fields<TrafficCost>({ gbPerMonth: amount, knownUsdPerMonth: amount, unknownCostLinks: ids }),
  ),
});

const availability = fields<PlannedAvailability>({
  cutOff: between(1e-9, 1e-4),
  states: whole,
  coveredRatio: ratio,
  unknownLinks: ids,
  assumedUnavailability: ratio,
  gatewayFailuresPerYear: orAbsent(amount),
  demands: list(
    fields<PlannedAvailability['demands'][number]>({ id: text, lowerRatio: ratio, upperRatio: ratio }),
  ),
});

const edge = fields<Edge>({
  markBits: orNull(wholeBetween(7, 0xe0000000)),
  networkControl: orNull(qosClass),
  open: list(
    fields<EdgePort>({
      protocol: oneOf('tcp', 'udp'),
      port: wholeBetween(1, 65_535),
      from: list(name, 1, 64),
    }),
    0,
    64,
  ),
});

const operations = fields<Operations>({
  api: flag,
  metrics: orNull(
    fields<NonNullable<Operations['metrics']>>({ port: wholeBetween(1, 65_535), from: list(name, 0, 64) }),
  ),
  ssm: flag,
  ssmAgent: orAbsent(
    fields<SsmAgent>({
      version: name,
      sha256: fields<SsmAgent['sha256']>({ arm64: name, amd64: orAbsent(name) }),
      url: orAbsent(text),
    }),
  ),
  logs: orAbsent(fields<NonNullable<Operations['logs']>>({ retentionDays: wholeBetween(1, 3653) })),
  webhooks: list(fields<WebhookPlace>({ url: text, kinds: list(name), secretFile: orAbsent(text) }), 0, 16),
});

/** The shape of a whole plan. */
export const planShape = fields<PlanDocument>({
  formatVersion: oneOf(1),
  digest,
  generation: wholeBetween(1, 2 ** 48),
  network: id,
  identity: id,
  tags: record(text),
  pools: fields<{ readonly [K in keyof AddressPools]: string }>({
    regions: name,
    links: name,
    gateways: name,
    ipv6: name,
  }),
  regions: list(region, 1, 253),
  gateways: list(gateway),
  signingKeys: orAbsent(list(text, 1)),
  links: list(link),
  tunnels: list(tunnel),
  policies: list(policy),
  paths: list(path),
  routes: list(route),
  demands: list(demand),
  traffic,
  admission,
  rollout: orAbsent(fields<Rollout>({ canary: name, waitSeconds: wholeBetween(60, 604_800) })),
  edge: orAbsent(edge),
  operations: orAbsent(operations),
  reservations: list(reservation),
  failures: orNull(fields<PlannedFailures>({ noFailure: summary, failures: list(summary) })),
  availability: orNull(availability),
  objectives: list(objective),
  cost,
  previous: orNull(previousShape),
  warnings: list(fields<PlanWarning>({ code: text as Shape<Code>, path: text, message: text, next: text })),
});
