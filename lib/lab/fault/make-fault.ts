import { nearest } from '../../diagnostics';
import { LabFault, readFaults, writeFaults, type Lab, type MadeFault } from '../record';
import { faultNames, type FaultName } from './fault-names';
import { faults } from './faults';

/**
 * Gives a gateway a fault. One that lasts is remembered until it is healed; made again it is healed first.
 *
 * @returns what was done, in one line.
 * @throws LabFault for a gateway or fault that there is not, or a value that the fault does not take.
 */
export async function makeFault(lab: Lab, gateway: string, name: string, value?: string): Promise<string> {
  const fault = faults[faultNamed(name)];
  const known = lab.layout.gateways.map(({ id }) => id);
  if (!known.includes(gateway))
    throw new LabFault(unknown(`the lab has no gateway '${gateway}'`, gateway, known));
  const isSame = (one: MadeFault) =>
    one.gateway === gateway && one.fault === name && one.value === (value ?? null);
  await end(lab, readFaults(lab).filter(isSame));
  const done = await fault.make(lab, gateway, value);
  if (fault.heal) writeFaults(lab, [...readFaults(lab), { gateway, fault: name, value: value ?? null }]);
  return done;
}

/**
 * Heals what lasts of the faults of a gateway, or of all.
 *
 * @param name of the fault; undefined: all of the gateway.
 * @returns what was healed; none: there was nothing.
 * @throws LabFault for a fault that there is not.
 */
export async function healFaults(lab: Lab, gateway?: string, name?: string): Promise<readonly MadeFault[]> {
  const fault = name === undefined ? undefined : faultNamed(name);
  const ended = readFaults(lab).filter(
    (one) =>
      (gateway === undefined || one.gateway === gateway) && (fault === undefined || one.fault === fault),
  );
  await end(lab, ended);
  return ended;
}

/** One that cannot be healed stays remembered, and those behind it. */
async function end(lab: Lab, ended: readonly MadeFault[]): Promise<void> {
  for (const { gateway, fault, value } of ended) {
    await faults[faultNamed(fault)].heal?.(lab, gateway, value ?? undefined);
    const isIt = (one: MadeFault) => one.gateway === gateway && one.fault === fault && one.value === value;
    writeFaults(
      lab,
      readFaults(lab).filter((one) => !isIt(one)),
    );
  }
}

function faultNamed(name: string): FaultName {
  const found = faultNames.find((one) => one === name);
  if (found) return found;
  throw new LabFault(unknown(`there is no fault '${name}'`, name, faultNames));
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `${what}; ${near === undefined ? `there is ${known.join(', ')}` : `did you mean '${near}'?`}`;
}
