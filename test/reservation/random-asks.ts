import type { Topology } from '../../lib/graph';
import { qosClasses } from '../../lib/model';
import type { Ask } from '../../lib/reservation';
import type { Request } from '../../lib/routing';
import type { Seeded } from '../support/random-seeded';

export interface AskShape {
  readonly kbps: readonly [number, number];
  /** Starts and lengths in whole units; all starts lie below `span`. */
  readonly unitMs: number;
  readonly span: number;
  readonly longest: number;
  readonly priorities: boolean;
}

/** An ask between two random regions, of any class, in one or two stretches of time. */
export function randomAsk(
  random: Seeded,
  topology: Topology,
  request: Request,
  id: string,
  shape: AskShape,
): Ask {
  const n = topology.nodes.length;
  const from = random.whole(0, n - 1);
  const to = (from + random.whole(1, n - 1)) % n;
  const { unitMs } = shape;
  const start = random.whole(0, shape.span - 1);
  const end = start + random.whole(1, shape.longest);
  const again = end + random.whole(1, shape.longest);
  const intervals = [{ startMs: start * unitMs, endMs: end * unitMs }];
  if (random.chance(0.2))
    intervals.push({ startMs: again * unitMs, endMs: (again + random.whole(1, shape.longest)) * unitMs });
  const setupPriority = shape.priorities ? random.whole(0, 7) : 7;
  return {
    id,
    from: topology.nodes[from],
    to: topology.nodes[to],
    kbps: random.whole(...shape.kbps),
    class: random.pick(qosClasses),
    setupPriority,
    holdingPriority: random.whole(shape.priorities ? 0 : 7, setupPriority),
    intervals,
    request,
    candidates: [],
  };
}
