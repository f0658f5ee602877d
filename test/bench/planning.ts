import { availableParallelism } from 'node:os';
import { contest, type Absent, type Contender, type Standing } from './contest';
import { median, showTime } from './measure';
import { inFolder, writeNetwork, zooNetworks } from './networks';
import { igraphC, ours, pythonPeer } from './peers';

/** A table of the bench: a title with heads of columns, and rows of as many cells and one more for a name. */
export interface Room {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What did not take part, and why. */
  readonly notes: readonly string[];
}

const rounds = 5;
const heads = ['median', 'least', 'most', 'x ours', 'peak'];

/** Splits, paths, failures and distances, each beside peers that ran in turn with it. */
export function planningRooms(): Room[] {
  if (zooNetworks(['Kdl']) === null) {
    const notes = ['the Topology Zoo archive is not beside the repository'];
    return [{ title: 'planning', heads: [], rows: [], notes }];
  }
  return inFolder((folder) => [
    splitRoom(),
    distanceRoom(folder),
    shortestRoom(folder),
    disjointRoom(folder),
    failureRoom(folder),
    ...['mesh 100', 'sparse 100'].map((name) => repairRoom(folder, name)),
  ]);
}

function partOf(list: readonly (Contender | Absent)[]): { taking: Contender[]; notes: string[] } {
  const absent = list.filter((c): c is Absent => 'why' in c);
  return {
    taking: list.filter((c): c is Contender => !('why' in c)),
    notes: absent.map(({ name, why }) => `${name}: ${why}`),
  };
}

/** One row for one thing that a contender timed; `base`: the median that ratios refer to. */
function row(name: string, { ms, peakMb }: Standing, what: string, base: number | null): string[] {
  const middle = median(ms[what]);
  return [
    name,
    showTime(middle),
    showTime(Math.min(...ms[what])),
    showTime(Math.max(...ms[what])),
    base === null ? '' : (middle / base).toFixed(2),
    `${peakMb.toFixed(0)} MB`,
  ];
}

/** Rows of one thing that all contenders timed, ours first. */
function rowsOf(standings: readonly Standing[], what: string): string[][] {
  const base = median(standings[0].ms[what]);
  return standings.map((s) => row(s.name, s, what, base));
}

function splitRoom(): Room {
  const standings = contest(
    [
      ours('exact splits, by columns', 'splits'),
      { ...ours('HiGHS on the whole arc model', 'arc-models'), rounds: 1 },
    ],
    3,
    1e-4,
  );
  const [own, whole] = standings;
  const worst = Math.max(...own.check!.map((u, i) => u / whole.check![i]));
  return {
    title: `splits of ${own.check!.length} networks`,
    heads,
    rows: [
      ...rowsOf(standings, 'exact'),
      row('placed: split again, rounded to weights', own, 'rounded', median(own.ms.exact)),
    ],
    notes: [`worst utilisation over the optimum of the arc model: ${worst.toFixed(7)}`],
  };
}

/** Networks of 200 to 1,000 nodes: the Zoo has one. */
const large = ['waxman 200 2.5', 'waxman 300 3', 'waxman 450 3.5', 'waxman 600 3', 'Kdl', 'waxman 1000 4'];

function distanceRoom(folder: string): Room {
  const logs: number[] = [];
  const notes = new Set<string>();
  const names: string[] = [];
  const byContender = new Map<string, { ms: number[]; peak: number }>();
  for (const name of large) {
    const file = writeNetwork(folder, name);
    const { taking, notes: absent } = partOf([
      ours('ours', 'distances', name),
      igraphC('igraph C, Dijkstra', folder, 'dijkstra', file),
      igraphC('igraph C, Johnson', folder, 'johnson', file),
      pythonPeer('python-igraph', 'igraph', 'distances', file),
      withRounds(pythonPeer('NetworkX', 'networkx', 'distances', file), 1),
    ]);
    absent.forEach((note) => notes.add(note));
    const standings = contest(taking, rounds);
    const middle = (s: Standing) => median(s.ms.distances);
    const inC = standings.filter((s) => s.name.startsWith('igraph C')).map(middle);
    if (inC.length > 0) logs.push(Math.log(middle(standings[0]) / Math.min(...inC)));
    names.push(name);
    for (const s of standings) {
      const known = byContender.get(s.name) ?? { ms: [], peak: 0 };
      known.ms.push(middle(s));
      known.peak = Math.max(known.peak, s.peakMb);
      byContender.set(s.name, known);
    }
  }
  const mean = Math.exp(logs.reduce((s, x) => s + x, 0) / Math.max(1, logs.length));
  if (logs.length > 0) notes.add(`ours over the better of igraph C, geometric mean: ${mean.toFixed(2)}`);
  return {
    title: 'all-pairs distances (nodes, mean degree), medians',
    heads: [...names.map((name) => name.replace('waxman ', 'w ')), 'peak'],
    rows: [...byContender].map(([name, { ms, peak }]) => [
      name,
      ...ms.map(showTime),
      `${peak.toFixed(0)} MB`,
    ]),
    notes: [...notes],
  };
}

function withRounds(contender: Contender | Absent, count: number): Contender | Absent {
  return 'why' in contender ? contender : { ...contender, rounds: count };
}

function shortestRoom(folder: string): Room {
  const file = writeNetwork(folder, 'simple Cogentco');
  const { taking, notes } = partOf([
    ours('ours', 'k-shortest', 'simple Cogentco', '10'),
    igraphC('igraph C', folder, 'k-shortest', file, '100'),
    pythonPeer('python-igraph', 'igraph', 'k-shortest', file, '100'),
    withRounds(pythonPeer('NetworkX', 'networkx', 'k-shortest', file, '1000'), 1),
  ]);
  return {
    title: '8 shortest paths of a pair, 197 nodes',
    heads,
    rows: rowsOf(contest(taking, 3), 'pair'),
    notes,
  };
}

function disjointRoom(folder: string): Room {
  const file = writeNetwork(folder, 'Cogentco');
  const { taking, notes } = partOf([
    ours('ours', 'disjoint', 'Cogentco'),
    igraphC('igraph C, whether there are two: it has no cheapest', folder, 'disjoint', file, '10'),
    withRounds(pythonPeer('NetworkX, network simplex', 'networkx', 'disjoint', file, '1000'), 1),
  ]);
  const standings = contest(taking, 3);
  const [own] = standings;
  return {
    title: 'cheapest link-disjoint pair of paths, 197 nodes',
    heads,
    rows: [row('all 19,306 pairs', own, 'all', null), ...rowsOf(standings, 'pair')],
    notes,
  };
}

function failureRoom(folder: string): Room {
  const file = writeNetwork(folder, 'Cogentco');
  const { taking, notes } = partOf([
    ours('one failure with loads', 'failures', 'Cogentco'),
    igraphC('igraph C, its distances alone', folder, 'failures', file, '10'),
    withRounds(pythonPeer('NetworkX, its distances alone', 'networkx', 'failures', file, '10'), 1),
  ]);
  const standings = contest(taking, 3);
  const [own] = standings;
  const [dual, threads] = ['dual', 'threads'].map((what) => median(own.ms[what]));
  return {
    title: 'failures of Cogentco, 38,612 routes',
    heads,
    rows: [
      row('routes and demands taken in, once', own, 'intake', null),
      row('all 245 single link failures', own, 'single', null),
      ...rowsOf(standings, 'failure'),
      row('all 29,890 pairs of link failures, one thread', own, 'dual', null),
      row(`the same, ${availableParallelism()} threads`, own, 'threads', null),
    ],
    notes: [...notes, `pairs over ${availableParallelism()} threads: ${(threads / dual).toFixed(2)} x one`],
  };
}

function repairRoom(folder: string, name: string): Room {
  const step = name.startsWith('mesh') ? '100' : '10';
  const file = writeNetwork(folder, name);
  const { taking, notes } = partOf([
    ours('the median link', 'repair', name, step),
    igraphC('igraph C, distances alone from nothing', folder, 'failures', file, step),
  ]);
  const standings = contest(taking, 3);
  return {
    title: `affected routes replaced after a link failure, ${name}`,
    heads,
    rows: [...rowsOf(standings, 'failure'), row('the worst link', standings[0], 'worst', null)],
    notes,
  };
}
