import { known } from './check-links';
import { checkScope } from './check-policies';
import { checkWindow } from './check-window';
import type { NetworkDescription } from './description';
import { byClass, defaultClass } from './qos';
import { checkId, checkLongId, readFigure, readWhole } from './figure-reader';
import type {
  AdmissionSettings,
  Demand,
  Objective,
  Reservation,
  Statement,
  TrafficSettings,
} from './network';
import { tryDemandId, type RawPath, type Reporter } from './reporter';

/** Checks and completes the demands, sorted by id. */
export function checkDemands(description: NetworkDescription, reporter: Reporter): Demand[] {
  const demands: Demand[] = [];
  const seen = new Map<string, RawPath>();
  (description.demands ?? []).forEach((raw, index) => {
    const at: RawPath = ['demands', index];
    const id = tryDemandId(raw)!;
    if (raw.id !== undefined) checkLongId(raw.id, 'demand', [...at, 'id'], reporter);
    if (seen.has(id)) {
      const message = `demand '${id}' is described twice, first in ${reporter.place(seen.get(id)!)}`;
      reporter.error('duplicate-demand', at, message, "add them up, or give each an 'id'");
    } else seen.set(id, at);
    checkPair(raw.from, raw.to, at, description, reporter);
    const bandwidthMbps = readFigure(raw.bandwidth, 'bandwidth', [...at, 'bandwidth'], reporter, {
      above: 0,
    });
    const maxLatencyMs =
      readFigure(raw.maxLatency, 'latency', [...at, 'maxLatency'], reporter, { above: 0 }) ?? null;
    if (bandwidthMbps === undefined) return;
    demands.push({
      id,
      from: raw.from,
      to: raw.to,
      bandwidthMbps,
      class: raw.class ?? defaultClass,
      maxLatencyMs,
    });
  });
  return demands.sort((x, y) => (x.id < y.id ? -1 : 1));
}

function checkPair(
  from: string,
  to: string,
  at: RawPath,
  description: NetworkDescription,
  reporter: Reporter,
): void {
  const fine = [
    known(from, [...at, 'from'], description, reporter),
    known(to, [...at, 'to'], description, reporter),
  ];
  if (!fine.includes(false) && from === to) {
    reporter.error('same-ends', at, `goes from '${from}' to itself`, 'name two different regions');
  }
}

/** Checks and completes how demands are split. */
export function checkTrafficSettings(description: NetworkDescription, reporter: Reporter): TrafficSettings {
  const raw = description.traffic ?? {};
  return {
    spread: { ...byClass((_, { spread }) => spread), ...raw.spread },
    paths: readWhole(raw.paths, 1, 16, ['traffic', 'paths'], reporter) ?? 4,
    units: readWhole(raw.units, 1, 256, ['traffic', 'units'], reporter) ?? 16,
  };
}

/** Checks and completes the reservations, sorted by id. */
export function checkReservations(description: NetworkDescription, reporter: Reporter): Reservation[] {
  const ids = Object.keys(description.reservations ?? {}).sort();
  return ids.flatMap((id) => {
    const raw = description.reservations![id];
    const at: RawPath = ['reservations', id];
    checkId(id, 'reservation', at, reporter);
    checkPair(raw.from, raw.to, at, description, reporter);
    const bandwidthMbps = readFigure(raw.bandwidth, 'bandwidth', [...at, 'bandwidth'], reporter, {
      above: 0,
    });
    const setupPriority = readWhole(raw.setupPriority, 0, 7, [...at, 'setupPriority'], reporter) ?? 7;
    const holdingPriority =
      readWhole(raw.holdingPriority, 0, 7, [...at, 'holdingPriority'], reporter) ?? setupPriority;
    if (holdingPriority > setupPriority) {
      // RFC 3209 section 4.7.3: else two reservations could preempt each other for ever.
      const message = `holding priority ${holdingPriority} is weaker than setup priority ${setupPriority}`;
      const next = `give a holding priority from 0 to ${setupPriority}; 0 is the strongest (RFC 3209)`;
      reporter.error('priority-order', [...at, 'holdingPriority'], message, next);
    }
    const window = raw.window ? checkWindow(raw.window, [...at, 'window'], reporter) : null;
    if (bandwidthMbps === undefined || window === undefined) return [];
    const { from, to } = raw;
    return [
      {
        id,
        from,
        to,
        bandwidthMbps,
        class: raw.class ?? defaultClass,
        setupPriority,
        holdingPriority,
        window,
      },
    ];
  });
}

const statementKeys = [
  'survive',
  'maxLatency',
  'maxUtilisation',
  'maxMonthlyCost',
  'headroom',
  'availability',
  'minBackups',
] as const;

/** Checks and completes the objectives, sorted by id. */
export function checkObjectives(
  description: NetworkDescription,
  { headroomRatio }: AdmissionSettings,
  reporter: Reporter,
): Objective[] {
  const ids = Object.keys(description.objectives ?? {}).sort();
  return ids.flatMap((id) => {
    const raw = description.objectives![id];
    const at: RawPath = ['objectives', id];
    checkId(id, 'objective', at, reporter);
    const scope = checkScope(raw, at, description, reporter);
    const given = statementKeys.filter((key) => raw[key] !== undefined);
    if (given.length !== 1) {
      const message =
        given.length === 0 ? 'states nothing' : `states ${given.length} things: ${given.join(', ')}`;
      reporter.error('objective-statement', at, message, `give exactly one of ${statementKeys.join(', ')}`);
      return [];
    }
    const figure = (
      key: (typeof statementKeys)[number],
      ...rest: [Parameters<typeof readFigure>[1], Parameters<typeof readFigure>[4]]
    ) => readFigure(raw[key], rest[0], [...at, key], reporter, rest[1]);
    let statement: Statement | undefined;
    if (raw.survive !== undefined) statement = { kind: 'survive', of: raw.survive };
    const latencyMs = figure('maxLatency', 'latency', { above: 0 });
    if (latencyMs !== undefined) statement = { kind: 'max-latency', latencyMs };
    const utilisation = figure('maxUtilisation', 'ratio', { above: 0, max: 1 });
    if (utilisation !== undefined) statement = { kind: 'max-utilisation', ratio: utilisation };
    const usd = figure('maxMonthlyCost', 'money', { above: 0 });
    if (usd !== undefined) statement = { kind: 'max-monthly-cost', usd };
    const headroom =
      raw.headroom === true ? headroomRatio : figure('headroom', 'ratio', { min: 0, below: 1 });
    if (headroom !== undefined) statement = { kind: 'headroom', ratio: headroom };
    const availability = figure('availability', 'ratio', { above: 0, max: 1 });
    if (availability !== undefined) statement = { kind: 'availability', ratio: availability };
    const backups = readWhole(raw.minBackups, 1, 8, [...at, 'minBackups'], reporter);
    if (backups !== undefined) statement = { kind: 'min-backups', count: backups };
    return statement ? [{ id, ...scope, statement }] : [];
  });
}
