import { Construct } from 'constructs';
import type { ObjectiveDescription } from '../../lib/model';
import type { GlobalNetwork } from './global-network';
import type { ScopeRefs } from './refs';

/** An objective as in a description file; regions are constructs or ids. */
export interface ObjectiveProps extends Omit<ObjectiveDescription, 'from' | 'to'>, ScopeRefs {}

/**
 * A statement that must hold. The construct id is the objective's id in the description.
 *
 * @throws Error if the network is planned already, or has an objective of this id.
 */
export class Objective extends Construct {
  constructor(network: GlobalNetwork, id: string, props: ObjectiveProps) {
    super(network.scopeFor('objectives'), id);
    network.register('objectives', this, props);
  }
}
