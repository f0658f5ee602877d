import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freezeTopology, type Topology } from '../../lib/graph';
import { meshGraph, sparseGraph } from '../support/formula-graphs';
import { waxmanNetwork } from '../support/waxman-network';
import { zooFiles } from '../support/zoo-files';
import { zooNetwork, type ZooNetwork } from '../support/zoo-network';

const seed = 7;

/** Networks of the Topology Zoo with demands, by name, or all; null where the archive is not there. */
export function zooNetworks(names?: readonly string[]): ZooNetwork[] | null {
  const files = zooFiles()?.filter((file) => names?.includes(file.name) ?? true);
  return files?.map(({ name, graphml }) => zooNetwork(name, graphml, seed)) ?? null;
}

/**
 * A network by name: `waxman <nodes> <mean degree>`, `mesh <nodes>`, `sparse <nodes>`, or one of the Zoo;
 * `simple <name>`: the best link by latency of those between two regions. @throws if there is none.
 */
export function networkNamed(name: string): Topology {
  const [kind, size, degree] = name.split(' ');
  if (kind === 'simple') return withoutParallels(networkNamed(size));
  if (kind === 'waxman') return waxmanNetwork(Number(size), Number(degree), Number(size));
  if (kind === 'mesh') return freezeTopology(meshGraph(Number(size)));
  if (kind === 'sparse') return freezeTopology(sparseGraph(Number(size)));
  const [found] = zooNetworks([name]) ?? [];
  if (!found) throw new Error(`no network ${name}`);
  return found.topology;
}

function withoutParallels(topology: Topology): Topology {
  const { nodes, links, tail, head, link, latencyMs, availableMbps } = topology;
  const best = new Map<string, number>();
  for (let a = 0; a < topology.arcCount; a++) {
    const ends = `${tail[a]} ${head[a]}`;
    if (latencyMs[a] < (best.has(ends) ? latencyMs[best.get(ends)!] : Infinity)) best.set(ends, a);
  }
  return freezeTopology({
    nodes,
    arcs: [...best.values()].map((a) => ({
      from: nodes[tail[a]],
      to: nodes[head[a]],
      link: links[link[a]],
      latencyMs: latencyMs[a],
      costPerGbUsd: 0,
      availableMbps: availableMbps[a],
    })),
  });
}

/**
 * Writes a network for the peers: a line `nodes arcs`, then one `tail head latency link` for each arc, all as
 * numbers; latency in whole nanoseconds, so that sums are exact on all sides.
 */
export function networkText(topology: Topology): string {
  const { tail, head, latencyMs, link } = topology;
  const arcs = Array.from(
    { length: topology.arcCount },
    (_, a) => `${tail[a]} ${head[a]} ${Math.round(latencyMs[a] * 1e6)} ${link[a]}\n`,
  );
  return `${topology.nodes.length} ${topology.arcCount}\n${arcs.join('')}`;
}

/** A temporary folder for the time of some work. */
export function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-bench-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes the text of a network into a folder; gives the file. */
export function writeNetwork(folder: string, name: string): string {
  const file = path.join(folder, `${name.replaceAll(' ', '-')}.txt`);
  writeFileSync(file, networkText(networkNamed(name)));
  return file;
}
