import { Construct } from 'constructs';
import type { DemandDescription } from '../../lib/model';
import type { GlobalNetwork } from './global-network';
import type { RegionRef } from './refs';

/** A demand as in a description file; its ends are constructs or ids. */
export interface DemandProps extends Omit<DemandDescription, 'id' | 'from' | 'to'> {
  readonly from: RegionRef;
  readonly to: RegionRef;
}

/**
 * Traffic that is expected between two regions. The construct id is the demand's id in the description.
 *
 * @throws Error if the network is planned already, or has a demand of this id.
 */
export class Demand extends Construct {
  constructor(network: GlobalNetwork, id: string, props: DemandProps) {
    super(network.scopeFor('demands'), id);
    network.register('demands', this, { id, ...props });
  }
}
