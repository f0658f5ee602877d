import { Construct } from 'constructs';
import type { RegionDescription } from '../../lib/model';
import type { RegionResources } from '../clouds/cloud';
import type { RegionDeployment } from '../deploy/deployment';
import type { GlobalNetwork } from './global-network';

/** A region as in a description file, and how it is deployed. */
export interface RegionProps extends RegionDescription, RegionDeployment {}

/**
 * A region of the network: an AWS region, or with `external` a site elsewhere. The construct id is the
 * region's id in the description. Describes only; `network.plan()` makes the resources, as children of this
 * construct or, with `regionStack`, at the same path below the region's stack.
 *
 * @throws Error if the network is planned already, or has a region of this id.
 */
export class Region extends Construct {
  constructor(
    private readonly network: GlobalNetwork,
    id: string,
    props: RegionProps = {},
  ) {
    super(network.scopeFor('regions'), id);
    const { extra, provider, ...description } = props;
    network.register('regions', this, description, { extra, provider });
  }

  /**
   * Every resource of this region; undefined for an external region and after a plan with errors.
   *
   * @throws Error before `network.plan()`.
   */
  get resources(): RegionResources | undefined {
    return this.network.resources.regions.get(this.node.id);
  }
}
