import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { OpenedKeyFile } from '../net/keys';
import { encodePlan, type PlanDocument } from '../plan';
import { layOut } from './layout';
import {
  isAlive,
  labFolder,
  LabFault,
  tryIdentify,
  tryReadRecord,
  writeRecord,
  type Lab,
  type LabRecord,
  type UnderlayKind,
} from './record';
import { relayFlows } from './relay/relay-plan';
import type { RelayConfig } from './relay/main';
import { startDetached, untilReady } from './processes';
import { inside, ipBatch, run } from './run';
import { startAgent, writeGateway } from './start-agent';
import { startClouds } from './start-clouds';
import { hasNamespace, takeDown } from './take-down';
import { classMarks } from './test-ports';
import { hasNetem, relaySocket, setUpNetem } from './underlay';
import { namespacesOf, switchesOf, wiring } from './wiring';

/** What a lab is made of. */
export interface LabOptions {
  readonly plan: PlanDocument;
  /** The keys that the plan shows the public half of. */
  readonly keys: OpenedKeyFile;
  /** Default: the network's name. */
  readonly lab?: string;
  readonly directory: string;
  /** Default: netem where the kernel has it, else the relay. */
  readonly underlay?: UnderlayKind;
  /** Of the relay's random losses. */
  readonly seed: number;
  readonly programs: LabPrograms;
  /** For every agent, behind its other arguments, such as `--interval 50`. */
  readonly agentOptions?: readonly string[];
  /** Does this program stay and take the lab down when it ends? */
  readonly foreground: boolean;
  readonly signal?: AbortSignal;
  /** Told what is being done. */
  readonly progress?: (what: string) => void;
}

/** Programs that run inside, each with the arguments that stand before its own. */
export interface LabPrograms {
  readonly agent: readonly string[];
  readonly relay: readonly string[];
  /** A region's cloud, where gateways share route tables; absent: there is none, and none stands in. */
  readonly cloud?: readonly string[];
}

/** Namespaces inside which processes are started at once: more would only take turns. */
const atOnce = 4;

/**
 * Makes a lab: namespaces, wires, underlay, an agent on every gateway. Recorded before anything is made;
 * if a step fails or `signal` aborts, everything is taken down again.
 *
 * @throws LabFault if it is there already, a namespace of its is, root or a program is missing, or an agent
 *   does not become ready.
 */
export async function bringUp(options: LabOptions): Promise<Lab> {
  const { plan, directory, programs, foreground } = options;
  const name = options.lab ?? plan.network;
  const layout = layOut(plan, name);
  await requireTools(plan);
  const owner = tryIdentify(process.pid)!;
  const namespaces = namespacesOf(layout);
  const draft: LabRecord = {
    formatVersion: 1,
    lab: name,
    namespaces,
    underlay: options.underlay ?? 'relay',
    owner,
    complete: false,
    agent: programs.agent,
    agentOptions: options.agentOptions ?? [],
  };
  claim(directory, draft);
  try {
    const record = await make({ directory, record: draft, plan, layout }, options);
    const complete = { ...record, complete: true, owner: foreground ? owner : null };
    writeRecord(directory, complete);
    return { directory, record: complete, plan, layout };
  } catch (error) {
    await takeDown(directory, name);
    throw error;
  }
}

async function make(lab: Lab, options: LabOptions): Promise<LabRecord> {
  const { layout, plan, directory } = lab;
  const { progress = () => undefined, signal, programs } = options;
  const folder = labFolder(directory, lab.record.lab);
  writeFileSync(path.join(folder, 'plan.json'), encodePlan(plan), { mode: 0o600 });
  progress('namespaces');
  await ipBatch(wiring(layout).outside);
  for (const [namespace, lines] of wiring(layout).inside) {
    signal?.throwIfAborted();
    await ipBatch(lines, namespace);
  }
  for (const [namespace, switches] of switchesOf(layout)) await turnOn(namespace, switches);
  for (const { namespace } of layout.regions) await run(inside(namespace, ['nft', '-f', '-']), classMarks());
  progress('underlay');
  const underlay = options.underlay ?? ((await hasNetem(layout.underlay)) ? 'netem' : 'relay');
  const record = { ...lab.record, underlay };
  writeRecord(directory, record);
  const made = { ...lab, record };
  if (underlay === 'netem') await setUpNetem(made);
  if (underlay === 'relay') await startRelayProgram(made, options);
  const ids = layout.gateways.map((g) => g.id);
  for (const id of ids) writeGateway(made, id, options.keys);
  if (programs.cloud) await startClouds(made, programs.cloud, signal);
  let started = 0;
  const next = async (): Promise<void> => {
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
      await startAgent(made, id, signal);
      progress(`agents ${++started}/${layout.gateways.length}`);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: atOnce }, next));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return record;
}

/** Writes the record of a lab that must not be there yet: one of two at the same time loses. */
function claim(directory: string, record: LabRecord): void {
  const found = tryReadRecord(directory, record.lab);
  if (found) {
    const down = `'dwcp lab down --lab ${record.lab}' removes it`;
    if (!found.complete && !isAlive(found.owner)) {
      throw new LabFault(`lab '${record.lab}' was left behind half made; ${down}`);
    }
    throw new LabFault(`lab '${record.lab}' is ${found.complete ? 'up already' : 'being made'}; ${down}`);
  }
  const taken = record.namespaces.find(hasNamespace);
  if (taken !== undefined) {
    throw new LabFault(
      `there is a namespace '${taken}' already that no lab of record made; name the lab with --lab`,
    );
  }
  const folder = labFolder(directory, record.lab);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = path.join(folder, `lab.json.${process.pid}`);
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  try {
    // link(2) refuses a name that exists, and shows no half of a file.
    linkSync(draft, path.join(folder, 'lab.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new LabFault(`lab '${record.lab}' is being made by another program`);
  } finally {
    rmSync(draft, { force: true });
  }
}

async function requireTools(plan: PlanDocument): Promise<void> {
  if (process.geteuid?.() !== 0) throw new LabFault('a lab needs root: it makes network namespaces');
  const needed = ['ip', 'tc', 'nft', 'mount'];
  if (plan.tunnels.some((t) => t.type === 'wireguard')) needed.push('wg');
  const folders = (process.env.PATH ?? '').split(':');
  const missing = needed.filter((tool) => !folders.some((folder) => existsSync(path.join(folder, tool))));
  if (missing.length > 0) throw new LabFault(`a lab needs ${missing.join(', ')}: install it first`);
}

async function turnOn(namespace: string, switches: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(switches).map(([name, value]) => `echo ${value} >/proc/sys/net/${name}`);
  await run(inside(namespace, ['sh', '-ec', lines.join('\n')]));
}

/**
 * Runs a command in real time (sched(7)) where that is allowed: the relay sleeps many times a ms, and each
 * time would wait behind whatever else this machine does.
 */
const punctually = 'chrt --fifo 1 true 2>/dev/null && exec chrt --fifo 1 "$@"; exec "$@"';

async function startRelayProgram(lab: Lab, { programs, seed, signal }: LabOptions): Promise<void> {
  const folder = labFolder(lab.directory, lab.record.lab);
  const [file, log] = [path.join(folder, 'relay.json'), path.join(folder, 'relay.log')];
  const config: RelayConfig = { flows: relayFlows(lab.layout), control: relaySocket(lab), seed };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const command = ['sh', '-c', punctually, 'sh', ...programs.relay, file];
  const process = startDetached(inside(lab.layout.underlay, command), log);
  await untilReady(process, log, 'the relay', { signal });
}
