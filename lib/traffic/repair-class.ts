import type { Topology } from '../graph';
import type { Answer, ConflictInput, Subset } from './ask-subset';
import { askSubset, offeredMbps } from './ask-subset';
import { cheapestRepair, repairOf, type Repair } from './cheapest-repair';
import { flowDemand } from './flow-demand';

/**
 * The cheapest upgrades with which the class is carried whole beside all that is there, tried by placing
 * again. Splits other than `te` stay as they are: of these, what is missing on each link. null: none found.
 */
export function repairClass(input: ConflictInput, everyone: Subset, answer: Answer): Repair | null {
  const { topology, solver } = input;
  const { whole, left, above, own, placed } = answer;
  const asked = offeredMbps(above, left.length);
  const missing = (load: Float64Array) => load.map((l, a) => Math.max(0, l - whole[a]));
  let extra: Float64Array;
  if (placed) {
    offeredMbps([placed], left.length).forEach((l, a) => (asked[a] += l));
    extra = missing(asked);
  } else {
    extra = missing(asked);
    const flows = own.map((d) => flowDemand(topology, d));
    const room = whole.map((c, a) => Math.max(0, c - asked[a]));
    const more = cheapestRepair(topology, room, flows, solver);
    if (more === null) return null;
    addedMbps(topology, more).forEach((mbps, a) => (extra[a] += mbps));
  }
  const repair = repairOf(topology, extra);
  return askSubset(input, everyone, addedMbps(topology, repair)).fits ? repair : null;
}

/** What a repair adds, by arc. */
function addedMbps({ links, link, nodes, tail }: Topology, { upgrades }: Repair): Float64Array {
  const added = new Map(upgrades.map((u) => [`${u.link} ${u.from}`, u.addMbps]));
  return Float64Array.from(tail, (from, a) => added.get(`${links[link[a]]} ${nodes[from]}`) ?? 0);
}
