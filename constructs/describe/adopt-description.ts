import type { Construct } from 'constructs';
import { tryDemandId, tryLinkId } from '../../lib/model/reporter';
import { Demand } from './demand';
import type { GlobalNetwork, Kind } from './global-network';
import { Link } from './link';
import { Mesh, meshId } from './mesh';
import { Objective } from './objective';
import { Policy } from './policy';
import { Region } from './region';
import { Reservation } from './reservation';

type Raw = Readonly<Record<string, unknown>>;
/** Runs `make` so that the construct it makes stands for the parts of the description with these labels. */
type Adopt = (labels: readonly string[], make: () => Construct) => void;

/**
 * Makes the constructs for a raw description. A part without a usable id or shape, or with an id that is
 * taken, gets none; planning reports it, on the network.
 */
export function adoptDescription(network: GlobalNetwork, description: Raw, adopt: Adopt): void {
  const place = (kind: Kind, id: unknown, labels: readonly string[], make: (id: string) => Construct) => {
    // The parser reports ids that cdktf would refuse.
    if (typeof id !== 'string' || !/^[\w.-]+$/.test(id)) return;
    if (network.scopeFor(kind).node.tryFindChild(id)) return;
    adopt(labels, () => make(id));
  };
  type MapKind = Exclude<Kind, 'links' | 'meshes' | 'demands'>;
  const byId = (kind: MapKind, make: (id: string, raw: Raw) => Construct) => {
    const section = description[kind];
    if (!isMap(section)) return;
    for (const [id, raw] of Object.entries(section)) {
      place(kind, id, [`${kind}.${id}`], () => make(id, isMap(raw) ? raw : {}));
    }
  };
  const inList = (kind: 'links' | 'demands', visit: (raw: Raw, label: string) => void) => {
    const section = description[kind];
    if (!Array.isArray(section)) return;
    section.forEach((raw: unknown, i) => isMap(raw) && visit(raw, `${kind}[${i}]`));
  };

  // The props are taken from the description itself, unchecked: the constructs made here only stand for its
  // parts.
  byId('regions', (id, raw) => new Region(network, id, raw as never));
  inList('links', (raw, label) => {
    if (raw.mesh !== undefined) {
      const regions = Array.isArray(raw.mesh) ? raw.mesh.map(String) : ('all' as const);
      place('meshes', meshId(regions), [label], () => new Mesh(network, regions));
    } else {
      const id = tryLinkId(raw);
      place('links', id, [label, `links.${id}`], (known) => new Link(network, known, raw as never));
    }
  });
  byId('policies', (id, raw) => new Policy(network, id, raw as never));
  inList('demands', (raw, label) => {
    const id = tryDemandId(raw);
    place('demands', id, [label, `demands.${id}`], (known) => new Demand(network, known, raw as never));
  });
  byId('reservations', (id, raw) => new Reservation(network, id, raw as never));
  byId('objectives', (id, raw) => new Objective(network, id, raw as never));
}

function isMap(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
