import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { PlanDocument } from '../plan';
import type { LabFailure } from './impairment';
import { layOut, type LabLayout } from './layout';

/** Where labs are recorded unless told otherwise: in memory, gone with a reboot as the namespaces are. */
export const defaultDirectory = '/run/dwcp-lab';

/** How packets get from gateway to gateway. */
export type UnderlayKind = 'relay' | 'netem' | 'direct';

/**
 * What must be known to take a lab down, whatever happened to the program that made it. Written before
 * anything is made.
 */
export interface LabRecord {
  readonly formatVersion: 1;
  readonly lab: string;
  /** Every namespace, also those not made yet. */
  readonly namespaces: readonly string[];
  readonly underlay: UnderlayKind;
  /** The `up` that makes it or, in the foreground, keeps it. */
  readonly owner: ProcessIdentity | null;
  /** Whether everything was started. */
  readonly complete: boolean;
  /** How each gateway's agent is started: program and arguments. */
  readonly agent: readonly string[];
  /** Behind its other arguments. */
  readonly agentOptions: readonly string[];
}

/** A process that no later one is taken for. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and its start (proc(5), field 22 of stat). */
  readonly startTicks: string;
}

/** A recorded lab. */
export interface Lab {
  readonly directory: string;
  readonly record: LabRecord;
  readonly plan: PlanDocument;
  readonly layout: LabLayout;
}

/** A fault that the user can mend; its text says how. */
export class LabFault extends Error {}

/** The lab's own folder; holds secrets, so that only root may enter. */
export function labFolder(directory: string, lab: string): string {
  return path.join(directory, lab);
}

/** A gateway's folder: bundle, endpoints, secret, socket, log. */
export function gatewayFolder(lab: Pick<Lab, 'directory' | 'record'>, gateway: string): string {
  return path.join(labFolder(lab.directory, lab.record.lab), 'gateways', gateway.replace('/', '.'));
}

/** Writes the record whole or not at all. */
export function writeRecord(directory: string, record: LabRecord): void {
  writeWhole(path.join(labFolder(directory, record.lab), 'lab.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/** Undefined: no lab of this name is recorded. @throws LabFault if the record cannot be understood. */
export function tryReadRecord(directory: string, lab: string): LabRecord | undefined {
  const file = path.join(labFolder(directory, lab), 'lab.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  let record: LabRecord | undefined;
  try {
    record = JSON.parse(text) as LabRecord;
  } catch {
    record = undefined;
  }
  if (record?.formatVersion === 1 && record.lab === lab) return record;
  throw new LabFault(`${file} is no lab of this version; take its namespaces down by hand`);
}

/** Names of the labs that are recorded, sorted. */
export function recordedLabs(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .filter((name) => tryReadRecord(directory, name) !== undefined)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * The lab of that name, or the only one there is.
 *
 * @throws LabFault if there is none, or several and none is named, or it is not complete.
 */
export function openLab(directory: string, name: string | undefined): Lab {
  const lab = chooseLab(directory, name);
  const record = tryReadRecord(directory, lab)!;
  if (!record.complete)
    throw new LabFault(`lab '${lab}' is not up (yet); 'dwcp lab down --lab ${lab}' removes it`);
  const plan = JSON.parse(
    readFileSync(path.join(labFolder(directory, lab), 'plan.json'), 'utf8'),
  ) as PlanDocument;
  return { directory, record, plan, layout: layOut(plan, lab) };
}

/** As `openLab`, complete or not. */
export function chooseLab(directory: string, name: string | undefined): string {
  const labs = recordedLabs(directory);
  if (name !== undefined) {
    if (labs.includes(name)) return name;
    throw new LabFault(
      `there is no lab '${name}'; ${labs.length > 0 ? `there is ${labs.join(', ')}` : 'none is up'}`,
    );
  }
  if (labs.length === 1) return labs[0];
  throw new LabFault(
    labs.length === 0 ? 'no lab is up' : `several labs are up: name one with --lab: ${labs.join(', ')}`,
  );
}

/** A fault of a gateway that lasts until it is healed. */
export interface MadeFault {
  readonly gateway: string;
  readonly fault: string;
  /** What was given with it; null: nothing. */
  readonly value: string | null;
}

/** The failures in force. */
export function readFailures(lab: Pick<Lab, 'directory' | 'record'>): LabFailure[] {
  return readList(lab, 'failures.json');
}

export function writeFailures(lab: Pick<Lab, 'directory' | 'record'>, failures: readonly LabFailure[]): void {
  writeList(lab, 'failures.json', failures);
}

/** The faults of gateways that last. */
export function readFaults(lab: Pick<Lab, 'directory' | 'record'>): MadeFault[] {
  return readList(lab, 'faults.json');
}

export function writeFaults(lab: Pick<Lab, 'directory' | 'record'>, made: readonly MadeFault[]): void {
  writeList(lab, 'faults.json', made);
}

function readList<T>(lab: Pick<Lab, 'directory' | 'record'>, name: string): T[] {
  try {
    const file = path.join(labFolder(lab.directory, lab.record.lab), name);
    return JSON.parse(readFileSync(file, 'utf8')) as T[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function writeList(lab: Pick<Lab, 'directory' | 'record'>, name: string, list: readonly unknown[]): void {
  const file = path.join(labFolder(lab.directory, lab.record.lab), name);
  writeWhole(file, `${JSON.stringify(list, null, 2)}\n`);
}

/** A running process's identity; undefined: there is no such process. */
export function tryIdentify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, a name in brackets, may hold anything.
    const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return { pid, startTicks };
  } catch {
    return undefined;
  }
}

export function isAlive(identity: ProcessIdentity | null): boolean {
  return identity !== null && tryIdentify(identity.pid)?.startTicks === identity.startTicks;
}

function writeWhole(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = openSync(`${file}.new`, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${file}.new`, file);
}
