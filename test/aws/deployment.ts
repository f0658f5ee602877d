import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GlobalNetwork, type DeploymentProps, type NetworkDescription } from '../../constructs';
import { signManifests } from '../../lib/cli/sign-manifests';
import { manifestsIn, writeSignatures } from '../../lib/cli/sign-stacks';
import { cloudResources } from '../../lib/clouds/deployments';
import { resourceChanges } from '../../lib/clouds/resource-changes';
import {
  addMissing,
  createKeyFile,
  unsealText,
  openKeyFile,
  removeStale,
  type KeyFileChange,
  type OpenedKeyFile,
  type Random,
} from '../../lib/net/keys';
import type { PlanDocument } from '../../lib/plan';
import { seededRandom } from '../net/seeded-random';
import { newApp } from './networks';
import { overrideFor, type WholeStack } from './override';

/** What programs run with, and what they need to take the stand-in for AWS. */
export interface Cloud {
  readonly env: NodeJS.ProcessEnv;
  /** A hosts file that knows the stand-in by the names that S3 Control calls it by. */
  readonly hostsFile: string;
  /** Terraform, or OpenTofu. */
  readonly program: string;
  /** Of the provider in the mirror; the bindings pin an older one. */
  readonly providerVersion: string;
}

/** How a network is deployed. */
export interface DeployedHow extends DeploymentProps {
  /** Takes the agent that the next bundles hold. */
  readonly useAgent?: (agent: string) => void;
  /** A stack for each region. */
  readonly perRegion?: boolean;
}

/** What became of a network's resources, by the inventory's ids: `added aws_vpc dublin/vpc`, sorted. */
export type Happened = readonly string[];

/** What one change did. */
export interface Outcome {
  readonly happened: Happened;
  /** Resources that are there afterwards. */
  readonly resources: number;
  readonly seconds: number;
}

interface Run {
  readonly status: number;
  readonly text: string;
}

/** A change of `added`, `changed`, `replaced` and `removed` resources, as Terraform's plan has it. */
interface PlannedChange {
  readonly mode: 'managed' | 'data';
  readonly address: string;
  readonly change: { readonly actions: readonly string[] };
}

/** What is done to a key file between two deployments. */
export type KeyChange = (opened: OpenedKeyFile, random: Random) => KeyFileChange | Promise<KeyFileChange>;

export const cost = { n: 1024, r: 8, p: 1 };
export const secret = { passphrase: 'test' };

/** A network in one folder: planned, applied, planned again, changed and taken down by Terraform. */
export class Deployment {
  private readonly stacks: string[] = [];
  private readonly initialized = new Set<string>();
  private readonly random = seededRandom('keys');
  /** Inventory ids by Terraform address, of all that ever was. */
  private readonly ids = new Map<string, string>();
  private keys: OpenedKeyFile | undefined;
  private before: PlanDocument | undefined;
  /** Everything that the program printed. */
  private said = '';
  private agent = 'console.log("the agent");\n';

  constructor(
    private readonly cloud: Cloud,
    private readonly folder: string,
    private readonly how: DeployedHow = {},
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /**
   * Plans the description, holds Terraform's plan against `dwcp diff`, applies it, and finds nothing left to
   * do.
   *
   * @param change of the key file before.
   * @param agent that the bundles hold from now on.
   * @param besides what Terraform does beyond the difference of the plans: `changed aws_s3_object` of what.
   */
  async deploy(
    description: NetworkDescription,
    {
      change,
      agent = this.agent,
      besides = [],
    }: { change?: KeyChange; agent?: string; besides?: Happened } = {},
  ): Promise<Outcome> {
    const start = Date.now();
    this.agent = agent;
    await this.makeKeys(description, change);
    const plan = this.build(description, true);
    const happened: string[] = [];
    await this.each(async (stack) => {
      await this.initialize(stack);
      // What is there was looked at after the last step.
      const known = this.before ? ['-refresh=false'] : [];
      await this.succeed(stack, 'plan', '-input=false', ...known, '-out=next.tfplan');
      happened.push(...(await this.planned(stack)));
      await this.succeed(stack, 'apply', '-input=false', 'next.tfplan');
    });
    const expected = [...new Set([...this.expected(plan), ...besides])].sort();
    expect(happened.sort()).toEqual(expected);
    await this.each(async (stack) => {
      // 0: nothing to do; 2: something.
      const { status, text } = await this.run(stack, 'plan', '-input=false', '-detailed-exitcode');
      expect([stack, status, status === 0 ? '' : text]).toEqual([stack, 0, '']);
    });
    this.expectNoSecrets();
    this.before = plan;
    const seconds = (Date.now() - start) / 1000;
    return { happened, resources: cloudResources(plan).length, seconds };
  }

  /** Takes everything down, the last stack first. */
  async destroy(): Promise<Outcome> {
    const start = Date.now();
    const [home, ...others] = this.stacks;
    const gone: string[] = [];
    const down = async (stack: string) => {
      const text = await this.succeed(stack, 'destroy', '-input=false', '-auto-approve');
      gone.push(/Destroy complete! Resources: ([1-9]\d*)/.exec(text)![1]);
    };
    await inPool(others, down);
    await down(home);
    expect(gone.reduce((sum, n) => sum + Number(n), 0)).toBe(cloudResources(this.before!).length);
    return { happened: [], resources: 0, seconds: (Date.now() - start) / 1000 };
  }

  /** By `dwcp diff`; of the first deployment, that all is new. */
  private expected(plan: PlanDocument): Happened {
    if (!this.before) return cloudResources(plan).map(({ id }) => `added ${id}`);
    return (
      resourceChanges(this.before, plan)
        // The override takes a bucket's tags away: the stand-in would not show them.
        .filter(
          ({ kind, id, fields }) =>
            !(kind === 'changed' && id.startsWith('aws_s3_bucket ') && fields.every(isTag)),
        )
        .map(({ kind, id }) => `${kind} ${id}`)
    );
  }

  private async planned(stack: string): Promise<string[]> {
    const shown = await this.run(stack, 'show', '-json', 'next.tfplan');
    const { resource_changes: changes = [] } = JSON.parse(shown.text) as {
      resource_changes?: PlannedChange[];
    };
    const kinds: Readonly<Record<string, string>> = {
      create: 'added',
      update: 'changed',
      delete: 'removed',
      'delete,create': 'replaced',
      'create,delete': 'replaced',
    };
    return changes
      .filter(({ mode, change }) => mode === 'managed' && change.actions.join() !== 'no-op')
      .map(({ address, change }) => `${kinds[change.actions.join()]} ${this.ids.get(address) ?? address}`);
  }

  /** No state, plan or output holds what opens the keys, in text or bytes. */
  private expectNoSecrets(): void {
    const texts = Object.values(JSON.parse(this.secrets()) as Record<string, string>);
    const secrets = texts.flatMap((text) => text.match(/[A-Za-z0-9+/]{43}=/g) ?? []);
    expect(secrets.length).toBeGreaterThanOrEqual(texts.length);
    const files = this.stacks.flatMap((stack) => [
      path.join(this.folder, `${stack}.tfstate`),
      path.join(this.stackFolder(stack), 'next.tfplan'),
    ]);
    const places = [...files.filter((file) => existsSync(file)).map(wholeOf), Buffer.from(this.said)];
    expect(places.length).toBeGreaterThan(2 * this.stacks.length);
    for (const text of secrets) {
      const bytes = Buffer.from(text, 'base64');
      for (const form of [text, bytes.toString('hex'), bytes.toString('base64url'), bytes])
        expect(places.map((place) => place.includes(form))).toEqual(places.map(() => false));
    }
  }

  private secrets(): string {
    const { keys } = this;
    const ids = Object.keys(keys!.file.gateways);
    return JSON.stringify(Object.fromEntries(ids.map((id) => [id, unsealText(keys!, id)])));
  }

  private async makeKeys(description: NetworkDescription, change?: KeyChange): Promise<void> {
    const { gateways, tunnels, identity } = this.build(description, false);
    const wanted = {
      gateways: gateways.map((g) => g.identity),
      tunnels: tunnels.map(({ identity: id, ends: [a, b] }) => {
        const own = (gateway: string) => gateways.find((g) => g.id === gateway)!.identity;
        return { id, ends: [own(a.gateway), own(b.gateway)] as [string, string] };
      }),
    };
    const file = path.join(this.folder, 'keys.json');
    if (!existsSync(file)) {
      this.keys = (await createKeyFile(identity, wanted, secret, this.random, cost)).opened;
    } else {
      const read = await openKeyFile(readFileSync(file, 'utf8'), secret);
      if (!read.ok) throw new Error(read.problem.message);
      const kept = removeStale(read.value, wanted).opened;
      const whole = addMissing(kept, wanted, this.random);
      this.keys = (await (change?.(whole.opened, this.random) ?? whole)).opened;
    }
    writeFileSync(file, this.keys.text);
  }

  /** Plans into an app whose output folder is the network's; with keys, the configuration is written. */
  private build(description: NetworkDescription, whole: boolean): PlanDocument {
    const { network: name } = description;
    const { perRegion = false, useAgent, ...how } = this.how;
    useAgent?.(this.agent);
    const { app, stacks, stackOf } = newApp(this.folder);
    const lockFile = path.join(this.folder, 'lock.json');
    const network = GlobalNetwork.fromDescription(stackOf('home', 'us-east-1'), 'network', description, {
      lockFile: whole ? lockFile : this.looked(lockFile),
      keysFile: whole && path.join(this.folder, 'keys.json'),
      ...how,
      ...(perRegion && { regionStack: ({ identity, place }) => stackOf(identity, place) }),
    });
    const { plan, diagnostics } = network.plan();
    if (!plan) throw new Error(`${name}: ${diagnostics.map((d) => `${d.path}: ${d.message}`).join('\n')}`);
    if (!whole) return plan;
    app.synth();
    this.stacks.splice(0, Infinity, ...stacks);
    for (const stack of stacks) {
      const folder = this.stackFolder(stack);
      const manifests = manifestsIn(folder);
      // A variable that a stack does not declare is warned of: one without gateways has none.
      if (manifests.length > 0) writeSignatures(folder, manifests, signManifests(this.keys!, manifests));
      this.suitStandIn(stack);
    }
    return plan;
  }

  /** A copy of the lock file: a look at who needs keys is no plan, and must not count as one. */
  private looked(lockFile: string): string {
    const copy = `${lockFile}.copy`;
    rmSync(copy, { force: true });
    if (existsSync(lockFile)) copyFileSync(lockFile, copy);
    return copy;
  }

  /** Notes the ids of a stack's resources, and writes its override file for the stand-in. */
  private suitStandIn(stack: string): void {
    const folder = this.stackFolder(stack);
    const whole = JSON.parse(readFileSync(path.join(folder, 'cdk.tf.json'), 'utf8')) as WholeStack;
    for (const [type, byId] of Object.entries(whole.resource ?? {})) {
      for (const [id, resource] of Object.entries(byId)) {
        const { path: at } = (resource['//'] as { metadata: { path: string } }).metadata;
        this.ids.set(`${type}.${id}`, `${type} ${at.slice(at.indexOf('/regions/') + 9)}`);
      }
    }
    const override = overrideFor(whole, this.cloud.providerVersion);
    writeFileSync(path.join(folder, 'stand_in_override.tf.json'), JSON.stringify(override));
  }

  private stackFolder(stack: string): string {
    return path.join(this.folder, 'stacks', stack);
  }

  private async initialize(stack: string): Promise<void> {
    if (this.initialized.has(stack)) return;
    await this.succeed(stack, 'init', '-input=false');
    this.initialized.add(stack);
  }

  /** The network's own stack first, then the others side by side. */
  private async each(work: (stack: string) => Promise<void>): Promise<void> {
    const [home, ...others] = this.stacks;
    await work(home);
    await inPool(others, work);
  }

  private async succeed(stack: string, ...args: string[]): Promise<string> {
    const { status, text } = await this.run(stack, ...args);
    expect([stack, args[0], status, status === 0 ? '' : text.slice(-4000)]).toEqual([stack, args[0], 0, '']);
    return text;
  }

  private async run(stack: string, ...args: string[]): Promise<Run> {
    const command = [this.cloud.program, ...args, '-no-color'];
    const run = await runInCloud(this.cloud, this.stackFolder(stack), command, {
      TF_VAR_dwcp_unseal_secrets: this.secrets(),
    });
    this.said += run.text;
    return run;
  }
}

/** A file's bytes; of a plan, which is a ZIP archive, those of all its members. */
function wholeOf(file: string): Buffer {
  if (!file.endsWith('.tfplan')) return readFileSync(file);
  const all =
    'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n[sys.stdout.buffer.write(z.read(n)) for n in z.namelist()]';
  return execFileSync('python3', ['-c', all, file], { maxBuffer: 2 ** 28 });
}

/** Runs a program that finds the stand-in by all its names, in a mount namespace of its own. */
export function runInCloud(
  { env, hostsFile }: Cloud,
  cwd: string,
  command: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Run> {
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, hostsFile, ...command], {
    cwd,
    env: { ...env, ...more },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ status: code ?? -1, text }));
  });
}

const isTag = ({ field }: { readonly field: string }) => field.startsWith('tags.');

/** Two at a time. */
async function inPool<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all([worker(), worker()]);
}
