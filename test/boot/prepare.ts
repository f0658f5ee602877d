import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { gatewayPackages } from '../../constructs/clouds/aws/fetch/units';

/** As the gateways' image. */
const suite = 'trixie';
/** What the image has beyond debootstrap's least, and WireGuard for kernels without it. */
const imagePackages = ['systemd', 'systemd-sysv', 'dbus', 'cloud-init', 'ca-certificates', 'wireguard-go'];

/** What the boot tests run. */
export interface BootParts {
  /** Debian's root folder; never written to. */
  readonly root: string;
  /** Python with moto's server. */
  readonly python: string;
}

/** Why no gateway can be booted on this machine; undefined: it can. */
export function bootGap(): string | undefined {
  if (process.geteuid?.() !== 0) return 'booting a gateway needs root';
  for (const tool of ['debootstrap', 'ip', 'nsenter', 'pivot_root', 'ping', 'python3', 'unshare']) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) return `${tool} is not installed`;
  }
  for (const type of ['overlay', 'cgroup2']) {
    if (!readFileSync('/proc/filesystems', 'utf8').includes(`\t${type}\n`))
      return `the kernel has no ${type}`;
  }
  if (!existsSync('/dev/net/tun')) return 'no /dev/net/tun';
  return undefined;
}

/**
 * Makes Debian's root and moto once for all runs, in the user's cache; takes a minute or two the first time.
 *
 * @throws Error with what apt or pip said.
 */
export function prepareBoot(): BootParts {
  const packages = [...imagePackages, ...gatewayPackages];
  const key = createHash('sha256')
    .update([suite, process.arch, ...packages].join())
    .digest('hex')
    .slice(0, 12);
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  const folder = path.join(cache, 'dwcp-multiregion', `boot-${key}`);
  const script = path.join(__dirname, 'prepare.sh');
  const { status, stderr } = spawnSync('bash', [script, folder, suite, ...packages], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the boot tests' parts cannot be had: ${stderr.slice(-2000)}`);
  return { root: path.join(folder, 'root'), python: path.join(folder, 'venv', 'bin', 'python') };
}

// .ci/run begins with it, beside what computes.
if (require.main === module && bootGap() === undefined) prepareBoot();
