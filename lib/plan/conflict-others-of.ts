import type { Topology } from '../graph';
import type { Network, Policy } from '../model';
import type { AdmissionAuthority, Holding } from '../reservation';
import { compileRequest, type Request } from '../routing';
import type { ConflictOthers, ConflictRule } from '../traffic';
import type { RequestBook } from './request-book';

/**
 * What demands may be in conflict with: the reservations, each with what it was admitted to, and the policies
 * that narrow the ways of their traffic. A reservation left out gives its bandwidth back, and the others stay
 * where they are.
 */
export function conflictOthersOf(
  network: Network,
  topology: Topology,
  book: RequestBook,
  authority: AdmissionAuthority,
): ConflictOthers {
  const holdings = authority.holdings();
  return {
    holders: holdings.map((h) => h.id),
    heldMbps: (numbers) => {
      const held = new Float64Array(topology.arcCount);
      const on = new Map<number, { readonly holding: Holding; readonly kbps: number }[]>();
      for (const holding of numbers.map((n) => holdings[n])) {
        holding.arcs.forEach((arc, i) => {
          const list = on.get(arc) ?? [];
          on.set(arc, list);
          list.push({ holding, kbps: holding.kbps[i] });
        });
      }
      for (const [arc, list] of on) held[arc] = peakKbps(list) / 1000;
      return held;
    },
    rules: network.policies
      .filter((p) => p.action === 'route' && narrows(p))
      .map((policy) => ruleOf(policy, topology, book)),
  };
}

/** The most that is held at any instant. */
function peakKbps(list: readonly { readonly holding: Holding; readonly kbps: number }[]): number {
  const steps = list.flatMap(({ holding, kbps }) =>
    holding.intervals.flatMap(({ startMs, endMs }): [number, number][] => [
      [startMs, kbps],
      [endMs, -kbps],
    ]),
  );
  // What ends at an instant makes room for what begins then.
  steps.sort(([t, x], [u, y]) => (t === u ? x - y : t - u));
  let [now, most] = [0, 0];
  for (const [, change] of steps) most = Math.max(most, (now += change));
  return most;
}

function ruleOf(policy: Policy, topology: Topology, book: RequestBook): ConflictRule {
  const compiled = new Map<string, Request>();
  return {
    id: policy.id,
    relaxed: ({ from, to, class: qos }) => {
      const ruling = book.ruling(from, to, qos);
      if (ruling.policy?.id !== policy.id) return null;
      const known = compiled.get(ruling.strategy);
      if (known) return known;
      const { strategy } = ruling;
      const request = compileRequest(topology, { strategy, weights: policy.weights });
      compiled.set(strategy, request);
      return request;
    },
  };
}

function narrows({ constraints }: Policy): boolean {
  return Object.values(constraints).some((c: unknown) => c !== null && !(Array.isArray(c) && c.length === 0));
}
