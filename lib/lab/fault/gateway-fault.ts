import type { Lab } from '../record';

/** Something that goes wrong on one gateway, as operators report it. One file each; the table is `faults`. */
export interface GatewayFault {
  /**
   * Makes it.
   *
   * @param gateway id of a gateway of the lab.
   * @param value what the operator gave besides, such as `1200` of `mtu 1200`; undefined: nothing.
   * @returns what was done, in one line.
   * @throws LabFault if the value is not one that the fault takes.
   */
  make(lab: Lab, gateway: string, value: string | undefined): Promise<string>;
  /**
   * Takes back what the fault left behind and what is not the agent's to mend. Absent: nothing is left, the
   * fault is over as soon as it is made.
   *
   * @param value as `make` had it.
   */
  heal?(lab: Lab, gateway: string, value: string | undefined): Promise<void>;
}
