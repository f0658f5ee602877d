import { Construct } from 'constructs';
import type { ReservationDescription } from '../../lib/model';
import type { GlobalNetwork } from './global-network';
import type { RegionRef } from './refs';

/** A reservation as in a description file; its ends are constructs or ids. */
export interface ReservationProps extends Omit<ReservationDescription, 'from' | 'to'> {
  readonly from: RegionRef;
  readonly to: RegionRef;
}

/**
 * Bandwidth promised to a pair for a time. The construct id is the reservation's id in the description.
 *
 * @throws Error if the network is planned already, or has a reservation of this id.
 */
export class Reservation extends Construct {
  constructor(network: GlobalNetwork, id: string, props: ReservationProps) {
    super(network.scopeFor('reservations'), id);
    network.register('reservations', this, props);
  }
}
