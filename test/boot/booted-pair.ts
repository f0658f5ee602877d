import { readFileSync } from 'node:fs';
import type { StateView } from '../../lib/agent/client';
import { addressAt, parsePrefix } from '../../lib/net';
import { skipped } from '../net/skipped';
import { builtAgent } from '../support/built-agent';
import { startCloud, type Cloud } from './cloud';
import { Deployment, gateways, type Deployed, type Place } from './deployment';
import { Machine, sh } from './machine';
import { endPings, startPing } from './ping';
import { bootGap, prepareBoot } from './prepare';

// Two gateways boot a Debian as AWS would boot it: systemd, cloud-init with the real user data, the timer's
// program, bundles from S3, secrets from Secrets Manager (both by moto), credentials from an instance's
// metadata, the agent by its unit. What is not as in AWS: the kernel is this machine's (hence wireguard-go
// where it has no WireGuard), interfaces have their addresses before the boot, packages are on the image
// already, the metadata have an address of the cloud's, the timer waits an hour after its first run, so that
// the tests choose when it runs again, and a plan is called good after one second, not ten.

const cloudAddress = '44.0.2.254';
export const places = Object.keys(gateways) as Place[];

/** What stands for the image's and AWS's side. */
function machineFiles({ url, metadataUrl }: Cloud): Record<string, string> {
  const units = '/etc/systemd/system';
  const image = 'datasource_list: [NoCloud]\nnetwork: { config: disabled }\nssh_genkeytypes: []\n';
  const others = `AWS_EC2_METADATA_SERVICE_ENDPOINT=${metadataUrl} AWS_MAX_ATTEMPTS=1 DWCP_STEADY_MS=1000`;
  // The tests run the program more often than systemd's start limit, five times in ten seconds, lets anyone.
  const service = `[Unit]\nStartLimitIntervalSec=0\n[Service]\nEnvironment=AWS_ENDPOINT_URL=${url} ${others}\n`;
  // Of the host's kernel, consoles and mirrors: no business of a guest's.
  const masked = ['systemd-sysctl.service', 'systemd-modules-load.service', 'console-getty.service'];
  return {
    '/etc/cloud/cloud.cfg.d/99-boot.cfg': image,
    [`${units}/dwcp-fetch.service.d/test.conf`]: service,
    [`${units}/dwcp-logs.service.d/test.conf`]: `[Service]\nEnvironment=AWS_ENDPOINT_URL=${url} ${others}\n`,
    [`${units}/dwcp-fetch.timer.d/test.conf`]: '[Timer]\nOnBootSec=\nOnBootSec=1\nOnUnitInactiveSec=1h\n',
    ...Object.fromEntries([...masked, 'apt-daily.timer'].map((name) => [`${units}/${name}`, ''])),
  };
}

/** What a run of the program came to. */
export interface Fetched {
  readonly ok: boolean;
  /** All that it said. */
  readonly said: string;
}

/** Virginia and Dublin, booted, with their cloud; and what they should run. */
export class BootedPair {
  private readonly machines = new Map<Place, Machine>();
  private readonly cloudNs = `dwcp-cloud${process.pid}`;

  private constructor(
    readonly cloud: Cloud,
    /** The agent as one file. */
    readonly agent: string,
    public deployment: Deployment,
    /** What dublin runs. */
    public current: Deployed,
  ) {}

  /** Boots both with a first plan, and waits until they run it. */
  static async boot(network: string): Promise<BootedPair> {
    const parts = prepareBoot();
    const built = builtAgent();
    const agent = readFileSync(built.file, 'utf8');
    built.remove();
    const deployment = await Deployment.create(network, agent);
    const ns = `dwcp-cloud${process.pid}`;
    // Of its own address: a bridge's otherwise changes with its ports, and neighbours lose it for seconds.
    const bridge = 'ip -n "$1" link add br0 address 02:00:00:00:00:fe type bridge';
    sh(`ip netns add "$1"; ip -n "$1" link set lo up; ${bridge}`, ns);
    sh('ip -n "$1" link set br0 up; ip -n "$1" addr add "$2" dev br0', ns, `${cloudAddress}/24`);
    const cloud = await startCloud(parts.python, ns, cloudAddress);
    const pair = new BootedPair(cloud, agent, deployment, deployment.plan('1 Gbps', null));
    try {
      for (const of of places) await pair.bootOne(of, parts.root);
      for (const of of places) await pair.upWith(of, 1);
    } catch (error) {
      pair.close();
      throw error;
    }
    return pair;
  }

  machine(of: Place): Machine {
    return this.machines.get(of)!;
  }

  get dublin(): Machine {
    return this.machine('dublin');
  }

  state(of: Place): StateView | undefined {
    const { code, stdout } = this.machine(of).run('dwcp-agent', 'status', '--json');
    return code === 0 ? (JSON.parse(stdout) as { state: StateView }).state : undefined;
  }

  upWith(of: Place, generation: number): Promise<void> {
    return this.machine(of).until(
      `generation ${generation} runs`,
      () => this.state(of)?.generation === generation,
    );
  }

  /** The timer's program, as the timer starts it. */
  fetch(of: Place = 'dublin'): Fetched {
    const machine = this.machine(of);
    // A run after a boot may have seen the bucket as it was before.
    this.settle(of);
    const ok = machine.run('systemctl', 'start', 'dwcp-fetch.service').code === 0;
    const which = machine.output('systemctl', 'show', '-P', 'InvocationID', 'dwcp-fetch.service').trim();
    machine.output('journalctl', '--sync');
    const said = machine.output('journalctl', '-o', 'cat', `_SYSTEMD_INVOCATION_ID=${which}`);
    return { ok, said };
  }

  /** Waits for a run that is under way: after an install it watches the agent for some seconds. */
  settle(of: Place = 'dublin'): void {
    this.machine(of).sh(
      'while [ $(systemctl show -P ActiveState dwcp-fetch) = activating ]; do sleep 0.1; done',
    );
  }

  report(of: Place = 'dublin'): Promise<Record<string, string> | null> {
    return this.deployment.report(this.cloud, of);
  }

  /** Packets between hosts of the two regions, from now until they are counted. */
  traffic(count?: number): { lost(): Promise<number> } {
    return startPing(this.dublin.hostNs, this.vpcOf('virginia').host, count);
  }

  /** Waits until the tunnel carries packets. */
  async carries(): Promise<void> {
    await this.dublin.until('the tunnel carries', () => this.state('dublin')?.ready === true);
    for (let left = 20; ; left--) {
      if ((await this.traffic(10).lost()) === 0) return;
      if (left === 0) throw new Error('the tunnel does not carry');
    }
  }

  /** A host's address in a region's VPC, and its router's. */
  vpcOf(of: Place): { router: string; host: string } {
    const block = parsePrefix(this.current.state(of).ipv4Block);
    const [router, host] = [addressAt(block, 51201), addressAt(block, 51202)];
    return { router, host };
  }

  close(): void {
    endPings();
    for (const machine of this.machines.values()) machine.close();
    this.cloud.close();
    sh('ip netns delete "$1"', this.cloudNs);
  }

  private async bootOne(of: Place, root: string): Promise<void> {
    const { deployment, cloud, current } = this;
    const { region, secret } = deployment.bootstrap(of);
    await deployment.upload(cloud, of, current);
    await cloud.secret(region, secret, deployment.secret(of));
    const machine = new Machine({
      name: `${of.slice(0, 3)}${process.pid % 1_000_000}`,
      root,
      userData: deployment.userData(of),
      files: machineFiles(cloud),
      underlay: { ns: this.cloudNs, bridge: 'br0' },
      address: `${gateways[of]}/24`,
      vpc: this.vpcOf(of),
    });
    this.machines.set(of, machine);
    await machine.boot();
  }
}

/**
 * Boots a pair before a file's tests and ends it after them.
 *
 * @returns what declares a test that runs where gateways can be booted.
 */
export function withBootedPair(
  network: string,
): (name: string, run: (pair: BootedPair) => Promise<void>) => void {
  const gap = bootGap();
  let pair: BootedPair | undefined;
  beforeAll(async () => {
    if (!gap) pair = await BootedPair.boot(network);
  }, 600_000);
  afterEach(endPings);
  afterAll(() => pair?.close());
  return (name, run) => test(name, () => (gap ? Promise.resolve(skipped(gap)) : run(pair!)), 180_000);
}
