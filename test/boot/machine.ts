import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a command left behind. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MachineOptions {
  /** Names its namespace and control group; at most 12 letters and digits. */
  readonly name: string;
  /** Debian's root folder, shared and never written to. */
  readonly root: string;
  readonly userData: string;
  /** Files of the test by path: what stands for the image's and AWS's side. */
  readonly files: Readonly<Record<string, string>>;
  /** Namespace and bridge that its network interface is plugged into. */
  readonly underlay: { readonly ns: string; readonly bridge: string };
  /** Address of its network interface, with prefix length. */
  readonly address: string;
  /** IPv4 addresses, of one /24, of the gateway and of a host in its VPC. */
  readonly vpc: { readonly router: string; readonly host: string };
}

/**
 * A Debian machine on the host's kernel: systemd as PID 1, cloud-init, and a network namespace with `eth0`,
 * and with `lan` towards a host in a namespace of its own. What AWS does is done from outside: interfaces
 * have their addresses before the machine boots.
 */
export class Machine {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'dwcp-boot-'));
  private readonly cgroup: string;
  private shim: ChildProcess | undefined;
  private instances = 0;

  constructor(private readonly options: MachineOptions) {
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
    const unified = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2');
    if (!unified) throw new Error('no cgroup2 is mounted');
    this.cgroup = path.join(unified[1], `dwcp-boot-${options.name}`);
    sh('mount -t tmpfs -o mode=700 tmpfs "$1"', this.folder);
    this.layDisk();
  }

  get ns(): string {
    return `dwcp-${this.options.name}`;
  }

  /** Namespace of the host in its VPC. */
  get hostNs(): string {
    return `${this.ns}-host`;
  }

  /** Another instance with the same interface and user data: nothing of the disk is left. */
  replaceInstance(): void {
    this.powerOff();
    rmSync(path.join(this.folder, 'disk'), { recursive: true });
    rmSync(path.join(this.folder, 'work'), { recursive: true });
    this.layDisk();
  }

  /** Plugs its interface in, and starts systemd. */
  async boot(): Promise<void> {
    const { name, root, underlay, address } = this.options;
    const [link, at] = [`v${name}`, (part: string) => path.join(this.folder, part)];
    sh(
      `ip netns add "$1"; ip -n "$1" link set lo up
      ip -n "$2" link add "$3" type veth peer name eth0 netns "$1"
      ip -n "$2" link set "$3" master "$4" up
      ip -n "$1" addr add "$5" dev eth0; ip -n "$1" link set eth0 up`,
      ...[this.ns, underlay.ns, link, underlay.bridge, address],
    );
    const { router, host } = this.options.vpc;
    sh(
      `ip netns add "$2"; ip -n "$2" link set lo up
      ip -n "$2" link add eth0 type veth peer name lan netns "$1"
      ip -n "$1" addr add "$3/24" dev lan; ip -n "$1" link set lan up
      ip -n "$2" addr add "$4/24" dev eth0; ip -n "$2" link set eth0 up
      ip -n "$2" route add default via "$3"`,
      ...[this.ns, this.hostNs, router, host],
    );
    mkdirSync(this.cgroup);
    // Into the control group first: it is the root of what the machine sees.
    const enter = 'echo $$ >"$1/cgroup.procs"; ns=$2; shift 2; exec ip netns exec "$ns" "$@"';
    const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--uts', '--ipc', '--cgroup'];
    const init = [path.join(__dirname, 'boot.sh'), root, at('disk'), at('work'), at('root')];
    const shim = spawn('sh', ['-ec', enter, 'sh', this.cgroup, this.ns, ...apart, 'sh', ...init], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.shim = shim;
    let said = '';
    shim.stderr.on('data', (text: Buffer) => (said += text.toString()));
    shim.once('close', (code) => {
      if (code !== null && code < 128 && this.shim === shim)
        process.stderr.write(`${this.ns} did not boot: ${said}`);
    });
    await this.until(
      'systemd answers',
      () => this.run('systemctl', 'is-system-running').stdout.trim() !== '',
    );
  }

  /** As a power cut does. */
  powerOff(): void {
    const init = this.init();
    if (init !== undefined) process.kill(init, 'SIGKILL');
    const gone = () => readFileSync(path.join(this.cgroup, 'cgroup.procs'), 'utf8') === '';
    if (this.shim) {
      this.shim = undefined;
      for (let i = 0; i < 200 && !gone(); i++) spawnSync('sleep', ['0.02']);
      removeCgroup(this.cgroup);
    }
    for (const ns of [this.ns, this.hostNs]) spawnSync('ip', ['netns', 'delete', ns]);
  }

  async reboot(): Promise<void> {
    this.powerOff();
    await this.boot();
  }

  /** Runs a command on the machine. */
  run(...command: string[]): Ran {
    const init = this.init();
    if (init === undefined) return { code: null, stdout: '', stderr: 'the machine is off' };
    const all = ['--target', String(init), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];
    const env = { PATH: '/usr/local/bin:/usr/sbin:/usr/bin', LC_ALL: 'C.UTF-8' };
    const ran = spawnSync('nsenter', [...all, ...command], { encoding: 'utf8', env, maxBuffer: 2 ** 26 });
    return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
  }

  /** Its standard output. @throws Error with what it said, if its exit code is not 0. */
  output(...command: string[]): string {
    const { code, stdout, stderr } = this.run(...command);
    if (code !== 0) throw new Error(`${command.join(' ')}: ${code} ${stderr}${stdout}`);
    return stdout;
  }

  sh(script: string): string {
    return this.output('bash', '-c', script);
  }

  /** Waits for something. @throws Error with the machine's journal when it does not come. */
  async until(what: string, holds: () => boolean, ms = 60_000): Promise<void> {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(300)) if (holds()) return;
    const { stdout, stderr } = this.run('journalctl', '--no-pager', '-n', '80', '-o', 'short-precise');
    throw new Error(`${this.options.name}: not within ${ms} ms: ${what}\n${stdout}${stderr}`);
  }

  close(): void {
    this.powerOff();
    sh('umount "$1"', this.folder);
    rmSync(this.folder, { recursive: true });
  }

  private init(): number | undefined {
    const shim = this.shim?.pid;
    if (shim === undefined) return undefined;
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(shim)], { encoding: 'utf8' });
    return Number(children.stdout.trim().split('\n')[0]) || undefined;
  }

  private layDisk(): void {
    const { files, userData, name } = this.options;
    for (const folder of ['disk', 'work', 'root']) {
      mkdirSync(path.join(this.folder, folder), { recursive: true, mode: 0o755 });
    }
    const seed = '/var/lib/cloud/seed/nocloud';
    const metaData = `instance-id: i-${name}-${++this.instances}\n`;
    const all = { ...files, [`${seed}/user-data`]: userData, [`${seed}/meta-data`]: metaData };
    for (const [file, text] of Object.entries(all)) {
      const target = path.join(this.folder, 'disk', file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }
}

/** Groups that processes have left, from the leaves. */
function removeCgroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(path.join(folder, entry.name));
  }
  rmdirSync(folder);
}

/** Runs lines of sh. @throws Error with what they said. */
export function sh(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', script, 'sh', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}
