import { figuresOf } from './figures';
import type { Request } from './request';

/**
 * Does a loopless path over these arcs keep to the request? Its arcs are open, it passes no region that is to
 * be avoided, meets all that is required, and keeps within the bounds. At least one arc; O(hops).
 */
export function permits(request: Request, arcs: readonly number[]): boolean {
  const { topology, key, noTransit, nodeBits, linkBits } = request;
  const { tail, head, link } = topology;
  if (request.impossible || arcs.length > request.maxHops) return false;
  const { latency } = figuresOf(topology);
  let [sum, delay, met] = [0, 0, nodeBits[tail[arcs[0]]]];
  for (let i = 0; i < arcs.length; i++) {
    const a = arcs[i];
    if (i > 0 && noTransit[tail[a]] === 1) return false;
    sum += key[a];
    delay += latency[a];
    met |= nodeBits[head[a]] | linkBits[link[a]];
  }
  const all = 2 ** request.required - 1;
  return sum < Infinity && sum <= request.maxKey && delay <= request.maxLatency && (met & all) === all;
}
