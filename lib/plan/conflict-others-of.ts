import type { Topology } from '../graph';
import type { Network, Policy } from '../model';
import type { AdmissionAuthority } from '../reservation';
import { StepFunction } from '../reservation/step-function';
import { compileRequest, inForce, type Request } from '../routing';
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
      const on = new Map<number, StepFunction>();
      for (const { arcs, kbps, intervals } of numbers.map((n) => holdings[n])) {
        arcs.forEach((arc, i) => {
          const steps = on.get(arc) ?? new StepFunction();
          on.set(arc, steps);
          for (const { startMs, endMs } of intervals) steps.add(startMs, endMs, kbps[i]);
        });
      }
      for (const [arc, steps] of on) held[arc] = steps.maxOver(-Infinity, Infinity) / 1000;
      return held;
    },
    rules: network.policies
      .filter((p) => p.action === 'route' && narrows(p))
      .map((policy) => ruleOf(policy, topology, book)),
  };
}

function ruleOf(policy: Policy, topology: Topology, book: RequestBook): ConflictRule {
  const compiled = new Map<string, Request>();
  return {
    id: policy.id,
    relaxed: ({ from, to, class: qos }) => {
      const ruling = book.ruling(from, to, qos);
      if (ruling.policy?.id !== policy.id) return null;
      const { strategy } = ruling;
      const request =
        compiled.get(strategy) ?? compileRequest(topology, { strategy, weights: policy.weights });
      compiled.set(strategy, request);
      return inForce(request, topology.nodeIndex.get(from)!, topology.nodeIndex.get(to)!);
    },
  };
}

function narrows({ constraints }: Policy): boolean {
  return Object.values(constraints).some((c: unknown) => c !== null && !(Array.isArray(c) && c.length === 0));
}
