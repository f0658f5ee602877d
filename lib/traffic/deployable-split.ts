import type { Floats } from '../graph';
import { trySmallestPeak } from './exact-weights';
import { improveWeights } from './improve-weights';
import { compareArcs } from './path-shares';
import { loadsOf, peakOf, type SplitDemand, type SplitLimits, type Weights } from './weights';

/** A path with its whole-number weight. */
export interface WeightedPath {
  readonly arcs: readonly number[];
  /** 1 to the units; the weights of a demand add up to the units. */
  readonly weight: number;
}

export interface DeployableSplit {
  /** By demand, greatest weight first. */
  readonly paths: readonly (readonly WeightedPath[])[];
  /** Greatest load / capacity. */
  readonly utilisation: number;
}

export const defaultLimits: SplitLimits = { mostPaths: 4, units: 16 };

/**
 * Rounds shares to whole-number weights: largest demands first, each unit to the path where it hurts the
 * fullest link least, then local search from the fullest link (`improveWeights`); cases small enough are
 * searched to the end (`trySmallestPeak`) and are then optimal for the given paths. `goal` is a
 * utilisation nobody can beat: work stops there. Deterministic.
 */
export function deployableSplit(
  capacity: Floats,
  demands: readonly SplitDemand[],
  limits: SplitLimits = defaultLimits,
  goal = 0,
): DeployableSplit {
  const { mostPaths, units } = limits;
  const load = new Float64Array(capacity.length);
  const all = demands.map((demand): Weights => {
    const kept = [...demand.paths].sort((x, y) => y.share - x.share || compareArcs(x.arcs, y.arcs));
    const paths = kept.map(({ arcs }) => ({ arcs, weight: 0 }));
    return { demand, unitMbps: demand.mbps / units, paths };
  });
  const order = all.map((_, i) => i).sort((x, y) => demands[y].mbps - demands[x].mbps || x - y);
  const shares = all.map(({ demand, paths }) => {
    const of = paths.map(({ arcs }, j) =>
      j < mostPaths ? (demand.paths.find((p) => p.arcs === arcs)?.share ?? 0) : 0,
    );
    const sum = of.reduce((x, y) => x + y, 0) || 1;
    return of.map((share) => share / sum);
  });
  const lay = (i: number, j: number, mbps: number) => {
    for (const a of all[i].paths[j].arcs) load[a] += mbps;
  };
  for (const i of order) shares[i].forEach((share, j) => lay(i, j, share * demands[i].mbps));
  for (const i of order) {
    const { paths, unitMbps } = all[i];
    shares[i].forEach((share, j) => lay(i, j, -share * demands[i].mbps));
    let left = units;
    shares[i].forEach((share, j) => {
      paths[j].weight = Math.floor(share * units + 1e-9);
      left -= paths[j].weight;
      lay(i, j, paths[j].weight * unitMbps);
    });
    for (; left > 0; left--) {
      let [best, bestPeak, bestRest] = [0, Infinity, -Infinity];
      for (let j = 0; j < Math.min(paths.length, mostPaths); j++) {
        const peak = paths[j].arcs.reduce((p, a) => Math.max(p, (load[a] + unitMbps) / capacity[a]), 0);
        const rest = shares[i][j] * units - paths[j].weight;
        if (peak > bestPeak || (peak === bestPeak && rest <= bestRest)) continue;
        [best, bestPeak, bestRest] = [j, peak, rest];
      }
      paths[best].weight++;
      lay(i, best, unitMbps);
    }
  }
  improveWeights(capacity, all, limits, goal);
  trySmallestPeak(capacity, all, limits, goal);
  return {
    paths: all.map(({ paths }) =>
      paths
        .filter(({ weight }) => weight > 0)
        .map(({ arcs, weight }) => ({ arcs, weight }))
        .sort((x, y) => y.weight - x.weight || compareArcs(x.arcs, y.arcs)),
    ),
    utilisation: peakOf(capacity, loadsOf(capacity.length, all)),
  };
}
