import { known } from './link-ends';
import { checkScope } from './check-policies';
import { checkWindow } from './check-window';
import type { NetworkDescription } from './description';
import { byClass, defaultClass } from './qos';
import { readStatement, statementKeys } from './statements';
import { checkId, checkLongId, readFigure, readWhole } from './figure-reader';
import type { AdmissionSettings, Demand, Objective, Reservation, TrafficSettings } from './network';
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
    const given = statementKeys.filter((key) => raw[key as keyof typeof raw] !== undefined);
    if (given.length !== 1) {
      const message =
        given.length === 0 ? 'states nothing' : `states ${given.length} things: ${given.join(', ')}`;
      reporter.error('objective-statement', at, message, `give exactly one of ${statementKeys.join(', ')}`);
      return [];
    }
    const statement = readStatement(raw, given[0], at, { headroomRatio, reporter });
    return statement ? [{ id, ...scope, statement }] : [];
  });
}
