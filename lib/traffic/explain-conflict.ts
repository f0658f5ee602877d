import type { Answer, ConflictInput, Subset } from './ask-subset';
import { askSubset, fullRatio, offeredMbps } from './ask-subset';
import type { Conflict } from './class-placement';
import { fewestMembers } from './fewest-members';
import { leastConflict, tryConflict } from './find-conflict';
import { flowDemand } from './flow-demand';
import { flowProblem, leastCapacity } from './flow-problem';
import { minMaxFlow } from './min-max-flow';
import { permittedDistance } from './price-column';
import { provesConflict } from './prove-conflict';
import { repairClass } from './repair-class';
import { routable } from './routable';

/** Links that are looked at as the heart of a conflict of fixed splits. */
const mostHearts = 8;
/** Sets that are tried to prove a conflict the smallest, by whether ways are fixed or solved for. */
const mostQuestions = { fixed: 3000, solved: 500 } as const;
/** Rules whose relaxing is tried. */
const mostRules = 100;

interface Member {
  readonly kind: keyof Subset;
  readonly number: number;
}

/**
 * Which demands, of the class and those above it, which holders and which rules are in conflict: given these
 * alone, placing by class in strict priority does not carry the class whole, neither under all rules nor
 * where those left out leave their demands the ways that they forbid; without any one of them, one or the
 * other does. Then what would mend the whole: the cheapest upgrades, tried by placing again, and the rules
 * whose relaxing alone is enough. null when all fit but for the rounding of weights. A demand without any
 * way is not in question here: it is refused.
 */
export function explainConflict(input: ConflictInput): Conflict | null {
  const { demands, others, mode } = input;
  const refused = new Set(
    input.placed.flatMap((p) => p.demands.filter((d) => d.refusal !== null).map((d) => d.id)),
  );
  const asking = demands.map((_, d) => d).filter((d) => !refused.has(demands[d].id) && demands[d].mbps > 0);
  const ruling = others.rules
    .map((_, r) => r)
    .filter((r) => asking.some((d) => others.rules[r].relaxed(demands[d]) !== null));
  const everyone: Subset = { demands: asking, holders: others.holders.map((_, h) => h), rules: ruling };
  const answer = askSubset(input, everyone);
  if (answer.fits) return null;
  const solved = mode === 'te' || input.placed.some((p) => p.mode === 'te');
  const fixed = input.placed.every((p) => ['single', 'ecmp'].includes(p.mode) && p.stands === null);
  const fewest = fixed ? fewestMembers(input, everyone, answer) : null;
  const members = membersOf(everyone);
  // What only a rule left out brings about is no conflict of those there are.
  const fits = (list: readonly number[]) => {
    const some = subsetOf(members, list);
    if (askSubset(input, some).fits) return true;
    return some.rules.length < ruling.length && askSubset(input, { ...some, rules: ruling }).fits;
  };
  let least: readonly number[] | undefined;
  for (const length of hearts(input, answer, fewest)) {
    const weight = weightsOf(input, members, answer, length);
    const found = tryConflict(weight, fits);
    if (found && found.length < (least?.length ?? Infinity)) least = found;
  }
  if (least === undefined) return null;
  const bound = fewest?.reduce((low, count) => Math.min(low, count), Infinity) ?? 0;
  const most = mostQuestions[solved ? 'solved' : 'fixed'];
  const set = leastConflict(members.length, least, fits, most);
  const subset = subsetOf(members, set.members);
  const ids = (list: readonly number[], of: (n: number) => string) => list.map(of).sort();
  const without = (rule: number): Subset => ({ ...everyone, rules: ruling.filter((r) => r !== rule) });
  return {
    demands: ids(subset.demands, (d) => demands[d].id),
    holders: ids(subset.holders, (h) => others.holders[h]),
    rules: ids(subset.rules, (r) => others.rules[r].id),
    smallest: set.smallest || (subset.rules.length === 0 && set.members.length === bound),
    mbps: subset.demands.reduce((sum, d) => sum + demands[d].mbps, 0),
    links: fullLinks(input, subset),
    repair: repairClass(input, everyone, answer),
    relaxing: ids(
      ruling.slice(0, mostRules).filter((r) => askSubset(input, without(r)).fits),
      (r) => others.rules[r].id,
    ),
  };
}

function subsetOf(members: readonly Member[], list: readonly number[]): Subset {
  const of = (kind: keyof Subset) =>
    list.flatMap((i) => (members[i].kind === kind ? [members[i].number] : [])).sort((x, y) => x - y);
  return { demands: of('demands'), holders: of('holders'), rules: of('rules') };
}

/**
 * Lengths on arcs that a proof of the conflict may rest on: of fixed splits each overloaded arc by itself,
 * those that the fewest overload first, then the fullest; of solved ones the prices of the optimum, or the
 * full links that keep a demand away.
 */
function hearts(
  input: ConflictInput,
  { own, left, placed }: Answer,
  fewest: Float64Array | null,
): Float64Array[] {
  const { topology, solver } = input;
  const arcs = [...left.keys()];
  const lengthOn = (list: readonly number[]) => {
    const length = new Float64Array(left.length);
    for (const a of list) length[a] = 1;
    return length;
  };
  if (placed) {
    const load = offeredMbps([placed], left.length);
    const ratio = (a: number) => load[a] / Math.max(left[a], leastCapacity);
    return arcs
      .filter((a) => load[a] > left[a] * fullRatio + leastCapacity)
      .sort((x, y) => (fewest ? fewest[x] - fewest[y] : 0) || ratio(y) - ratio(x) || x - y)
      .slice(0, mostHearts)
      .map((a) => lengthOn([a]));
  }
  const flows = own.map((d) => flowDemand(topology, d));
  if (routable(topology, left, flows).includes(false))
    return [lengthOn(arcs.filter((a) => left[a] < leastCapacity))];
  const length = new Float64Array(left.length);
  for (const l of minMaxFlow(flowProblem(topology, left, flows), solver).certificate.lengths)
    length[l.arc] = l.length;
  return [length];
}

function membersOf(everyone: Subset): Member[] {
  const kinds = ['rules', 'demands', 'holders'] as const;
  return kinds.flatMap((kind) => everyone[kind].map((number) => ({ kind, number })));
}

/** What members add to lengths: Mbps x length; Infinity for rules, which always matter. */
function weightsOf(
  { topology, demands, others }: ConflictInput,
  members: readonly Member[],
  { above, own, left, placed }: Answer,
  length: Float64Array,
): Float64Array {
  const along = (arcs: readonly number[]) => arcs.reduce((sum, a) => sum + length[a], 0);
  const weightOf = new Map<string, number>();
  for (const { id, mbps, paths } of [...above, ...(placed ? [placed] : [])].flatMap((p) => p.demands)) {
    const sum = paths.reduce((total, p) => total + p.weight, 0);
    weightOf.set(
      id,
      paths.reduce((w, p) => w + (mbps * p.weight * along(p.path.arcs)) / sum, 0),
    );
  }
  if (!placed) {
    const flows = own.map((d) => flowDemand(topology, d));
    const open = routable(topology, left, flows);
    // What full links keep away is itself the proof.
    own.forEach((d, i) => !open[i] && weightOf.set(d.id, Number.MAX_VALUE));
    const asked = [...own.keys()].filter((i) => open[i]);
    const problem = flowProblem(
      topology,
      left,
      asked.map((i) => flows[i]),
    );
    const distance = asked.length === 0 ? [] : permittedDistance(problem, length);
    asked.forEach((i, k) => weightOf.set(own[i].id, own[i].mbps * distance[k]));
  }
  return Float64Array.from(members, ({ kind, number }) => {
    if (kind === 'rules') return Infinity;
    if (kind === 'demands') return weightOf.get(demands[number].id) ?? 0;
    return others
      .heldMbps([number])
      .reduce((sum: number, mbps: number, a: number) => sum + length[a] * mbps, 0);
  });
}

/** The links in the way of a set, as it finds them by itself; with lengths where these prove it. */
function fullLinks(input: ConflictInput, subset: Subset): Conflict['links'] {
  const { links, link, nodes, tail, head } = input.topology;
  const answer = askSubset(input, subset);
  const lengths = hearts(input, answer, null);
  const proof = lengths.find((length) => provesConflict(input, answer, length));
  const { whole, heldMbps } = answer;
  // Only ratios matter: the greatest length is 1.
  const most = proof?.reduce((m, l) => Math.max(m, l), 0) ?? 0;
  return [...whole.keys()]
    .filter((a) => (proof ? proof[a] > 0 : lengths.some((l) => l[a] > 0)))
    .map((a) => ({
      link: links[link[a]],
      from: nodes[tail[a]],
      to: nodes[head[a]],
      capacityMbps: input.capacity[a],
      heldMbps: heldMbps?.[a] ?? 0,
      length: proof ? proof[a] / most : null,
    }))
    .sort((x, y) => (x.link < y.link || (x.link === y.link && x.from < y.from) ? -1 : 1));
}
