import { impairmentsOf, type LabFailure } from './impairment';
import { predictMoves, type PredictedMove } from './predict';
import type { Lab } from './record';

/** What is failed in turn. */
export type DrillKind = 'links' | 'regions' | 'brownouts';

/** A failure of the drill and what the plan says it moves. */
export interface DrillStep {
  readonly kind: DrillKind;
  /** `link link-a-b`, `region a`, `link link-a-b, 20 % loss`. */
  readonly title: string;
  readonly failure: LabFailure;
  readonly moves: readonly PredictedMove[];
}

/** Share of packets that a brownout loses. */
const brownoutLoss = 0.2;

/**
 * Every link that carries tunnels and is not drained, every region that is not, and each link's brownouts:
 * 20 % loss, doubled latency (not where nothing can delay). By kind, then id.
 */
export function drillSteps(lab: Lab, kinds: readonly DrillKind[], atUtcMs: number): DrillStep[] {
  const { layout, plan, record } = lab;
  const drained = new Set(plan.links.filter((l) => l.drained).map((l) => l.id));
  const links = [...new Set(layout.tunnels.map((t) => t.link))].filter((id) => !drained.has(id)).sort();
  const regions = plan.regions.filter((r) => !r.drained).map((r) => r.id);
  const none = { blackhole: false, lossRatio: 0, extraMs: 0, towards: null };
  const step = (kind: DrillKind, title: string, failure: LabFailure): DrillStep => {
    const impairments = impairmentsOf(layout.tunnels, [failure]);
    return { kind, title, failure, moves: predictMoves(plan, layout.tunnels, impairments, atUtcMs) };
  };
  const all = [
    ...links.map((id) => step('links', `link ${id}`, { ...none, target: id, blackhole: true })),
    ...regions.map((id) => step('regions', `region ${id}`, { ...none, target: id, blackhole: true })),
    ...links.flatMap((id) => {
      const loss = { ...none, target: id, lossRatio: brownoutLoss };
      const { ends } = layout.tunnels.find((t) => t.link === id)!;
      const slow = { ...none, target: id, extraMs: Math.max(ends[0].latencyMs, ends[1].latencyMs) };
      const delays = record.underlay !== 'direct' && slow.extraMs > 0;
      return [
        step('brownouts', `link ${id}, 20 % loss`, loss),
        ...(delays ? [step('brownouts', `link ${id}, latency doubled`, slow)] : []),
      ];
    }),
  ];
  return all.filter(({ kind }) => kinds.includes(kind));
}

/**
 * Of the moves those that get a test stream: at most `most`, evenly over the list, first those whose old
 * paths all fail (a stream of a spread may have been on a path that lives).
 */
export function measuredMoves(moves: readonly PredictedMove[], most: number): PredictedMove[] {
  const sure = moves.filter((m) => m.after.length > 0 && !m.before.some((path) => m.after.includes(path)));
  const others = moves.filter((m) => m.after.length > 0 && !sure.includes(m));
  const chosen = evenly(sure, most);
  return [...chosen, ...evenly(others, most - chosen.length)];
}

function evenly<T>(list: readonly T[], most: number): T[] {
  const count = Math.max(0, Math.min(most, list.length));
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}
