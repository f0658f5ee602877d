import type { Topology } from '../graph';
import type { Network, QosClass } from '../model';
import { compileRequest, inForce, type Request } from '../routing';
import { rulingsOf, type Ruling } from './choose-policy';

/** What rules each pair, and the compiled requests that follow; a request is compiled once and shared. */
export interface RequestBook {
  rulings(from: string, to: string): readonly Ruling[];
  /** What rules a pair in one class. */
  ruling(from: string, to: string, qos: QosClass): Ruling;
  request(ruling: Ruling): Request;
  /** The same for one pair: without links on standby, if it has a path without. */
  inForce(ruling: Ruling, from: string, to: string): Request;
  /** The request in force of a pair and class; undefined where a policy denies it. */
  tryRequest(from: string, to: string, qos: QosClass): Request | undefined;
}

/** The book of a network on its topology. */
export function requestBook(network: Network, topology: Topology): RequestBook {
  const rulings = rulingsOf(network);
  const ruling = (from: string, to: string, qos: QosClass) =>
    rulings(from, to).find((r) => r.classes.includes(qos))!;
  const compiled = new Map<string, Request>();
  const request = ({ policy, strategy }: Ruling): Request => {
    const key = `${policy?.id ?? ''} ${strategy}`;
    let found = compiled.get(key);
    if (!found) {
      found = compileRequest(topology, {
        strategy,
        weights: policy?.weights,
        constraints: policy?.constraints,
      });
      compiled.set(key, found);
    }
    return found;
  };
  const { nodeIndex } = topology;
  const ofPair = (found: Ruling, from: string, to: string) =>
    inForce(request(found), nodeIndex.get(from)!, nodeIndex.get(to)!);
  const tryRequest = (from: string, to: string, qos: QosClass) => {
    const found = ruling(from, to, qos);
    return found.policy?.action === 'deny' ? undefined : ofPair(found, from, to);
  };
  return { rulings, ruling, request, inForce: ofPair, tryRequest };
}
