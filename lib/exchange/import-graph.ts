import {
  idFromName,
  isLongId,
  type LinkDescription,
  type LinkFigures,
  type NetworkDescription,
  type RegionDescription,
} from '../model';
import { tryPlace } from '../catalog';
import { count } from '../units';
import { importFigures } from './import-figures';
import { knownAttributes, type KnownAttributes } from './look-up';
import type { FileAttributes, FileGraph } from './read-graphml';
import { RegionIds } from './region-id';

/** A description made of another tool's graph. */
export interface Imported {
  readonly description: NetworkDescription;
  /** Sentences: what was left out, and what is assumed. */
  readonly notes: readonly string[];
}

/** One edge with its figures. */
interface Arc {
  readonly source: string;
  readonly target: string;
  readonly directed: boolean;
  readonly attributes: FileAttributes;
  readonly figures: LinkFigures;
}

/** Two directions of a link; `back` is undefined for an undirected edge and for a one-way link. */
interface Joined {
  readonly there: Arc;
  readonly back?: Arc;
}

/**
 * A description of the network that a graph shows. A node becomes a region in a cloud where it names a place
 * of the catalog, and else an external region. Two directed edges that lead there and back become one link,
 * and an edge without a counterpart a one-way link. Attributes are found by their usual names; see
 * docs/exchange.md.
 *
 * @param network name of the network: a lower-case letter, then up to 19 of a-z, 0-9 and hyphen.
 */
export function importGraph(graph: FileGraph, network: string): Imported {
  const notes: string[] = [];
  const ids = new RegionIds();
  const idOf = new Map<string, string>();
  const regions: Record<string, RegionDescription> = {};
  let placeholders = 0;
  graph.forEachNode((node, attributes) => {
    const known = knownAttributes(attributes);
    const names = [known.text('label') ?? '', node];
    const id = ids.next(idFromName(node) === node ? [node] : names);
    idOf.set(node, id);
    const place = known.text('place') ?? (tryPlace(node) ? node : undefined);
    const inCloud = place !== undefined && tryPlace(place) !== undefined;
    if (!inCloud && known.text('endpoint') === undefined) placeholders++;
    regions[id] = {
      ...(inCloud ? cloudRegion(id, place, attributes) : external(attributes, known, placeholders)),
      ...(isState(attributes, 'drained') ? { drained: true } : {}),
      ...(attributes.transit === false ? { transit: false } : {}),
    };
  });
  if (placeholders > 0) {
    const they = placeholders === 1 ? 'region has no endpoint' : 'regions have no endpoint';
    notes.push(`${placeholders} ${they} in the graph, and got placeholders from 198.18.0.0/15: replace them`);
  }
  const isKnown = (node: string) => {
    const { external: site } = regions[idOf.get(node)!];
    return site === undefined || site.location !== undefined;
  };
  const links = importLinks(graph, idOf, isKnown, notes);
  return { description: { network, regions, links }, notes };
}

function cloudRegion(id: string, place: string, attributes: FileAttributes): RegionDescription {
  const { gateways } = attributes;
  return {
    ...(place === id ? {} : { place }),
    ...(gateways === 2 ? { gateways: { count: 2 } } : {}),
  };
}

function external(
  attributes: FileAttributes,
  { text, number }: KnownAttributes,
  placeholder: number,
): RegionDescription {
  const [endpoint, country, city] = [text('endpoint'), text('country'), text('city')];
  const [lat, lon] = [number('lat'), number('lon')];
  const isPlaced = lat !== undefined && lon !== undefined && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  const location = isPlaced && {
    ...{ lat, lon },
    ...(country !== undefined && /^[A-Z]{2}$/.test(country) ? { country } : {}),
    ...(city !== undefined ? { city } : {}),
  };
  return {
    external: {
      endpoint:
        endpoint ?? `198.${18 + (placeholder >> 16)}.${(placeholder >> 8) & 255}.${placeholder & 255}`,
      ...(endpoint === undefined || attributes.endpointPrivate === true ? { private: true } : {}),
      ...(location ? { location } : {}),
    },
  };
}

function importLinks(
  graph: FileGraph,
  idOf: ReadonlyMap<string, string>,
  isLocated: (node: string) => boolean,
  notes: string[],
): LinkDescription[] {
  const arcs = graph.mapEdges((key, attributes, source, target): Arc => ({
    ...{ source, target, attributes, directed: graph.isDirected(key) },
    figures: importFigures(knownAttributes(attributes)),
  }));
  const kept = arcs.filter(({ source, target }) => source !== target);
  if (kept.length < arcs.length) {
    notes.push(`left out ${count(arcs.length - kept.length, 'edge')} from a region to itself`);
  }
  const taken = new Set<string>();
  const links = join(kept).map((joined) => importLink(joined, idOf, taken));
  const lacking = { bandwidth: 0, latency: 0 };
  for (const { source, target, figures } of kept) {
    const near = isLocated(source) && isLocated(target);
    if (figures.bandwidth === undefined) lacking.bandwidth++;
    // Between known places the planner estimates it.
    if (!near && figures.latency === undefined && figures.rtt === undefined) lacking.latency++;
  }
  for (const [key, edges] of Object.entries(lacking)) {
    if (edges > 0)
      notes.push(
        `${edges} of ${count(kept.length, 'edge')} have no ${key}: --${key} gives it to all of them`,
      );
  }
  return links;
}

/** Pairs directed edges that lead there and back: edges of one link first, then in the order of the file. */
function join(arcs: readonly Arc[]): Joined[] {
  const waiting = new Map<string, number[]>();
  const key = (source: string, target: string, { link }: FileAttributes) =>
    JSON.stringify([source, target, link ?? null]);
  const joined: { there: Arc; back?: Arc }[] = [];
  for (const arc of arcs) {
    const { source, target, attributes } = arc;
    const other = arc.directed ? waiting.get(key(target, source, attributes))?.shift() : undefined;
    if (other !== undefined) {
      joined[other].back = arc;
      continue;
    }
    joined.push({ there: arc });
    if (!arc.directed) continue;
    const own = key(source, target, attributes);
    waiting.set(own, [...(waiting.get(own) ?? []), joined.length - 1]);
  }
  return joined;
}

function importLink(
  { there, back }: Joined,
  idOf: ReadonlyMap<string, string>,
  taken: Set<string>,
): LinkDescription {
  const [a, b] = [idOf.get(there.source)!, idOf.get(there.target)!];
  const { attributes } = there;
  const usual = `link-${a}-${b}`;
  const named = typeof attributes.link === 'string' && isLongId(attributes.link);
  let id = named ? (attributes.link as string) : usual;
  const free = () => !taken.has(id) && (id !== usual || !taken.has(`link-${b}-${a}`));
  for (let i = 2; !free(); i++) id = `${usual}-${i}`;
  taken.add(id);
  const oneWay = there.directed && !back;
  const srlg = typeof attributes.srlgs === 'string' ? attributes.srlgs.split(/\s+/).filter(isName) : [];
  return {
    ...(id === usual ? {} : { id }),
    ...(oneWay ? { from: a, to: b } : { between: [a, b] }),
    ...(back ? bothWays(there.figures, back.figures) : there.figures),
    ...(srlg.length > 0 ? { srlg } : {}),
    ...(isState(attributes, 'drained') ? { drained: true } : {}),
    ...(isState(attributes, 'standby') ? { standby: true } : {}),
  };
}

/** The figures that both directions share, and the ones that differ. */
function bothWays(there: LinkFigures, back: LinkFigures): Partial<LinkDescription> {
  const shared = Object.entries(there).filter(([key, value]) => back[key as keyof LinkFigures] === value);
  const names = new Set(shared.map(([key]) => key));
  const own = (figures: LinkFigures) => Object.entries(figures).filter(([key]) => !names.has(key));
  const [forward, backward] = [own(there), own(back)];
  return {
    ...Object.fromEntries(shared),
    ...(forward.length > 0 ? { forward: Object.fromEntries(forward) } : {}),
    ...(backward.length > 0 ? { backward: Object.fromEntries(backward) } : {}),
  };
}

function isState(attributes: FileAttributes, state: 'drained' | 'standby'): boolean {
  return attributes.state === state || attributes[state] === true;
}

const isName = (text: string) => text !== '';
