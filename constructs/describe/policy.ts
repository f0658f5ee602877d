import { Construct } from 'constructs';
import type { PolicyDescription } from '../../lib/model';
import type { GlobalNetwork } from './global-network';
import type { ScopeRefs, SelectionRefs } from './refs';

/** A policy as in a description file; regions and links are constructs or ids. */
export interface PolicyProps extends Omit<PolicyDescription, 'from' | 'to' | 'avoid' | 'require'>, ScopeRefs {
  readonly avoid?: SelectionRefs;
  readonly require?: SelectionRefs;
}

/**
 * A rule for some traffic. The construct id is the policy's id in the description.
 *
 * @throws Error if the network is planned already, or has a policy of this id.
 */
export class Policy extends Construct {
  constructor(network: GlobalNetwork, id: string, props: PolicyProps) {
    super(network.scopeFor('policies'), id);
    network.register('policies', this, props);
  }
}
