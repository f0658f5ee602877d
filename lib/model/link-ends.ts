import { count } from '../units';
import type { LinkDescription, NetworkDescription } from './description';
import type { RawPath, Reporter } from './reporter';

/** The regions of one link. */
export interface Ends {
  readonly a: string;
  readonly b: string;
  readonly oneWay: boolean;
}

/** The pairs that an entry stands for; faults in its ends are reported. */
export function expandLink(
  raw: LinkDescription,
  at: RawPath,
  description: NetworkDescription,
  reporter: Reporter,
): Ends[] {
  const ways = [
    raw.between !== undefined,
    raw.from !== undefined || raw.to !== undefined,
    raw.mesh !== undefined,
  ];
  const oneOf = "give 'between: [a, b]' for both directions, 'from' and 'to' for one, or 'mesh'";
  if (ways.filter(Boolean).length !== 1) {
    reporter.error('link-ends', at, 'needs exactly one way to name its ends', oneOf);
    return [];
  }
  if (raw.mesh !== undefined) return expandMesh(raw, at, description, reporter);
  if (raw.between !== undefined) {
    if (raw.between.length !== 2) {
      reporter.error(
        'link-ends',
        [...at, 'between'],
        `names ${count(raw.between.length, 'region')}`,
        "name two, or use 'mesh'",
      );
      return [];
    }
    const [a, b] = raw.between;
    const fine = [
      known(a, [...at, 'between', 0], description, reporter),
      known(b, [...at, 'between', 1], description, reporter),
    ];
    return fine.includes(false) || selfLink(a, b, at, reporter) ? [] : [{ a, b, oneWay: false }];
  }
  if (raw.from === undefined || raw.to === undefined) {
    reporter.error('link-ends', at, `has '${raw.from === undefined ? 'to' : 'from'}' alone`, oneOf);
    return [];
  }
  for (const key of ['forward', 'backward'] as const) {
    if (raw[key])
      reporter.error(
        'link-ends',
        [...at, key],
        `a one-way link has no '${key}'`,
        'put its figures on the link itself',
      );
  }
  const fine = [
    known(raw.from, [...at, 'from'], description, reporter),
    known(raw.to, [...at, 'to'], description, reporter),
  ];
  return fine.includes(false) || selfLink(raw.from, raw.to, at, reporter)
    ? []
    : [{ a: raw.from, b: raw.to, oneWay: true }];
}

function expandMesh(
  raw: LinkDescription,
  at: RawPath,
  description: NetworkDescription,
  reporter: Reporter,
): Ends[] {
  if (raw.id !== undefined) {
    reporter.error(
      'mesh-id',
      [...at, 'id'],
      'a mesh makes many links, and they cannot share an id',
      "remove 'id'",
    );
    return [];
  }
  if (raw.was !== undefined) {
    const next = "give the renamed link an entry of its own, with 'between' and 'was'";
    reporter.error('mesh-id', [...at, 'was'], 'a mesh makes many links, and they were not all one', next);
    return [];
  }
  const named = raw.mesh === 'all' ? Object.keys(description.regions) : (raw.mesh ?? []);
  const fine = named.map((id, i) => known(id, [...at, 'mesh', i], description, reporter));
  const ids = [...new Set(named)].sort();
  if (ids.length !== named.length)
    reporter.error('mesh-regions', [...at, 'mesh'], 'names a region twice', 'name each once');
  if (ids.length < 2)
    reporter.error('mesh-regions', [...at, 'mesh'], 'has fewer than two regions', 'name two or more');
  if (fine.includes(false)) return [];
  return ids.flatMap((a, i) => ids.slice(i + 1).map((b) => ({ a, b, oneWay: false })));
}

/** Reports a region that the description does not have. */
export function known(
  id: string,
  path: RawPath,
  description: NetworkDescription,
  reporter: Reporter,
): boolean {
  if (Object.hasOwn(description.regions, id)) return true;
  const ids = Object.keys(description.regions);
  const near = reporter.nearest(id, ids);
  const first = near === undefined ? ids.sort().slice(0, 12).join(', ') : '';
  const next = near ? `did you mean '${near}'?` : `regions are: ${first}${ids.length > 12 ? ', …' : ''}`;
  reporter.error('unknown-region', path, `unknown region '${id}'`, next);
  return false;
}

function selfLink(a: string, b: string, at: RawPath, reporter: Reporter): boolean {
  if (a === b) reporter.error('self-link', at, `joins '${a}' to itself`, 'name two different regions');
  return a === b;
}
