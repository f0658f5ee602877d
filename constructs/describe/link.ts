import { Construct } from 'constructs';
import type { LinkDescription } from '../../lib/model';
import type { LinkResources } from '../deploy/network-resources';
import type { GlobalNetwork } from './global-network';
import type { RegionRef } from './refs';

/**
 * A link as in a description file; its ends are constructs or ids. Give `between`, or `from` and `to` for
 * one direction.
 */
export interface LinkProps extends Omit<LinkDescription, 'id' | 'mesh' | 'between' | 'from' | 'to'> {
  readonly between?: readonly [RegionRef, RegionRef];
  readonly from?: RegionRef;
  readonly to?: RegionRef;
}

/**
 * A link between two regions. The construct id is the link's id in the description; `link-<a>-<b>` is what
 * the YAML form gives by default.
 *
 * @throws Error if the network is planned already, or has a link of this id.
 */
export class Link extends Construct {
  constructor(
    private readonly network: GlobalNetwork,
    id: string,
    props: LinkProps,
  ) {
    super(network.scopeFor('links'), id);
    network.register('links', this, { id, ...props });
  }

  /**
   * The firewall rules that admit this link's tunnels; undefined after a plan with errors.
   *
   * @throws Error before `network.plan()`.
   */
  get resources(): LinkResources | undefined {
    return this.network.resources.links.get(this.node.id);
  }
}
