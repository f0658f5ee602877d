import { z } from 'zod';
import type { GatewayState } from '../../gateway';
import { tryParseAddress, tryParsePrefix } from '../../net';
import { arrivalsBeside, arrivalsOf, joinArrivals, type Arrival } from '../apply/arrivals';
import { readStateFile, writeStateFile } from '../files/state-file';

export const arrivalsName = 'arrivals.json';

/**
 * How long a gateway goes on letting in what the plan before let in. Its neighbours take a plan some time
 * before or after it, and send by the paths of theirs meanwhile.
 */
export const graceMs = 3_600_000;

/** What a plan let in, and what those before it did. */
export interface ArrivalMemory {
  readonly planDigest: string;
  readonly now: readonly Arrival[];
  /** What plans before let in, and this one does not. */
  readonly before: readonly Arrival[];
  /** When that ends, ms of UTC. */
  readonly untilUtcMs: number;
}

/** The memory once a plan is taken: the time of what was before begins anew with each other plan. */
export function rememberArrivals(
  memory: ArrivalMemory | null,
  gateway: GatewayState,
  utcMs: number,
): ArrivalMemory {
  const { planDigest } = gateway;
  const now = arrivalsOf(gateway);
  if (memory === null) return { planDigest, now, before: [], untilUtcMs: utcMs };
  const left = isOver(memory, utcMs) ? [] : memory.before;
  const same = memory.planDigest === planDigest;
  const before = arrivalsBeside(same ? left : joinArrivals(memory.now, left), now);
  return { planDigest, now, before, untilUtcMs: same ? memory.untilUtcMs : utcMs + graceMs };
}

/** A clock that was set back does not lengthen it. */
function isOver({ untilUtcMs }: ArrivalMemory, utcMs: number): boolean {
  return utcMs >= untilUtcMs || untilUtcMs > utcMs + graceMs;
}

/** What is still let in of the plans before. */
export function earlierArrivals(memory: ArrivalMemory | null, utcMs: number): readonly Arrival[] {
  return memory === null || isOver(memory, utcMs) ? none : memory.before;
}

/** One and the same: settings that are equal are told by identity. */
const none: readonly Arrival[] = [];

const address = z.string().refine((text) => tryParseAddress(text)?.family === 6);
const arrivals = z.array(
  z.object({
    tunnel: z.string(),
    prefixes: z.array(z.string().refine((text) => tryParsePrefix(text) !== undefined)),
    segments: z.array(z.object({ segment: address, sources: z.array(address) })),
  }),
);
const shape = z.object({
  planDigest: z.string(),
  now: arrivals,
  before: arrivals,
  untilUtcMs: z.number(),
});

/** Null: there is none, or it is damaged. Then nothing is let in but what the plan says. */
export function readArrivals(stateDir: string): ArrivalMemory | null {
  return readStateFile(stateDir, arrivalsName, (raw) => shape.parse(raw));
}

/** Whole or not at all. */
export function writeArrivals(stateDir: string, memory: ArrivalMemory): void {
  writeStateFile(stateDir, arrivalsName, memory);
}
