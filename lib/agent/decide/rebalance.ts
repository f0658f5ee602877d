import type { RebalanceSettings } from './agent-settings';
import type { CompiledPlan, Flow } from './compile-plan';
import { mostWeight, type SelectedPath, type Selection } from './selection';

/** Weights that replace the plan's, by path; not whole, any scale. */
export type ShiftedWeights = ReadonlyMap<string, number>;

/** A tunnel that a spread uses. */
interface Bin {
  readonly tunnel: string;
  readonly mbps: number;
  /** Measured, Mbps. */
  readonly load: number;
  /** Which part of the flow goes there, 0 to 1. */
  readonly share: number;
  /** The same by the plan's weights. */
  readonly planned: number;
}

/**
 * The shifted weights of all spreads after one measurement. A spread moves half of the way towards weights
 * by available bandwidth (WECMP: what its tunnels have left beside its own traffic) if the whole way lowers
 * its fullest tunnel by more than the hysteresis, and back to the plan's weights as soon as they are no
 * worse. Only members that carry traffic now take part, and none is left out, so paths stay those of the
 * plan. O(members of all spreads).
 *
 * How much of a tunnel's load a spread causes is not measured: what the plan carries by each tells. Where
 * that is wrong the direction is still right, and half the way keeps the next measurement from overshooting.
 */
export function rebalance(
  plan: CompiledPlan,
  selections: ReadonlyMap<string, Selection>,
  before: ReadonlyMap<string, ShiftedWeights>,
  utilisation: ReadonlyMap<string, number>,
  settings: RebalanceSettings,
): ReadonlyMap<string, ShiftedWeights> {
  const spreads = plan.flows.filter((flow) => isSpread(flow, selections.get(flow.id)!));
  const binsOf = new Map(
    spreads.map((flow) => [flow, bins(plan, flow, selections.get(flow.id)!.members, utilisation)]),
  );
  const expected = new Map<string, number>();
  for (const [flow, list] of binsOf) {
    for (const { tunnel, share } of list) {
      expected.set(tunnel, (expected.get(tunnel) ?? 0) + flow.mbps * share);
    }
  }
  const after = new Map(before);
  for (const [flow, list] of binsOf) {
    const own = Math.min(...list.map((bin) => (bin.load * flow.mbps) / expected.get(bin.tunnel)!));
    if (!(own > 0) || list.length < 2) continue;
    const target = shift(list, own, before.has(flow.id), settings);
    if (target === 'plan') after.delete(flow.id);
    else if (target) {
      const factor = new Map(list.map((bin, i) => [bin.tunnel, target[i] / bin.share]));
      const weights = new Map(before.get(flow.id) ?? flow.members.map((m) => [m.path, m.weight]));
      for (const { path } of selections.get(flow.id)!.members) {
        weights.set(path, weights.get(path)! * factor.get(plan.paths.get(path)!.tunnel)!);
      }
      const least = Math.max(...weights.values()) / mostWeight;
      after.set(flow.id, new Map([...weights].map(([path, weight]) => [path, Math.max(least, weight)])));
    }
  }
  return after;
}

/** Carries its traffic over two or more members of its spread now. */
function isSpread(flow: Flow, { members }: Selection): boolean {
  return flow.spread && members.length > 1;
}

function bins(
  plan: CompiledPlan,
  flow: Flow,
  members: readonly SelectedPath[],
  utilisation: ReadonlyMap<string, number>,
): Bin[] {
  const living = new Set(members.map((m) => m.path));
  const planned = shares(
    plan,
    flow.members.filter((m) => living.has(m.path)),
  );
  return [...shares(plan, members)].map(([tunnel, share]) => {
    const mbps = plan.bandwidthMbps.get(tunnel)!;
    const load = (utilisation.get(tunnel) ?? NaN) * mbps;
    return { tunnel, mbps, load, share, planned: planned.get(tunnel)! };
  });
}

/** Which part goes into which tunnel, 0 to 1. */
function shares(plan: CompiledPlan, members: readonly SelectedPath[]): Map<string, number> {
  const whole = members.reduce((sum, m) => sum + m.weight, 0);
  const parts = new Map<string, number>();
  for (const { path, weight } of members) {
    const { tunnel } = plan.paths.get(path)!;
    parts.set(tunnel, (parts.get(tunnel) ?? 0) + weight / whole);
  }
  return parts;
}

/** New shares by tunnel, `plan` for those of the plan, undefined for no change. */
function shift(
  list: readonly Bin[],
  own: number,
  isShifted: boolean,
  settings: RebalanceSettings,
): readonly number[] | 'plan' | undefined {
  const fullest = (parts: readonly number[]) =>
    Math.max(...list.map((bin, i) => (bin.load + own * (parts[i] - bin.share)) / bin.mbps));
  const now = fullest(list.map((bin) => bin.share));
  if (isShifted && fullest(list.map((bin) => bin.planned)) <= now) return 'plan';
  if (now < settings.fromUtilisation) return undefined;
  const left = list.map((bin) => Math.max(0, bin.mbps - (bin.load - own * bin.share)));
  const sum = left.reduce((total, x) => total + x, 0);
  if (sum <= 0) return undefined;
  const target = left.map((x) => x / sum);
  if (!(fullest(target) < now * (1 - settings.hysteresis))) return undefined;
  return target.map((part, i) => (part + list[i].share) / 2);
}
