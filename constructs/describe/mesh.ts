import { Construct } from 'constructs';
import type { LinkDescription } from '../../lib/model';
import type { GlobalNetwork } from './global-network';
import type { RegionRef } from './refs';

/** The figures of every link of a mesh. */
export type MeshFigures = Omit<LinkDescription, 'id' | 'was' | 'mesh' | 'between' | 'from' | 'to'>;

/** Links between every two of some regions, or of all: `link-<a>-<b>` each. Made by `network.mesh()`. */
export class Mesh extends Construct {
  constructor(network: GlobalNetwork, regions: 'all' | readonly RegionRef[], figures: MeshFigures = {}) {
    super(network.scopeFor('meshes'), meshId(regions));
    network.register('meshes', this, { mesh: regions, ...figures });
  }
}

/**
 * The construct id of a mesh: it says which regions, so that it does not depend on the order of
 * declarations.
 */
export function meshId(regions: 'all' | readonly RegionRef[]): string {
  if (regions === 'all') return 'mesh-all';
  return `mesh-${regions.map((region) => (typeof region === 'string' ? region : region.node.id)).join('-')}`;
}
