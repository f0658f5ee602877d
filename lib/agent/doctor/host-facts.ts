import { readFileSync, statfsSync } from 'node:fs';
import type { HostCapabilities } from '../apply';
import { tables } from '../apply/numbers';
import { findCapabilities } from '../apply/linux/capabilities';
import type { ProcessResult, RunProcess } from '../apply/linux/run-process';

export interface Rule {
  readonly priority: number;
  readonly src: string;
  readonly not?: null;
  readonly srclen?: number;
  readonly dst?: string;
  readonly iif?: string;
  readonly oif?: string;
  readonly fwmark?: string;
  readonly l3mdev?: null;
  readonly suppress_prefixlen?: number;
  readonly table?: string;
  readonly protocol?: string;
}

export interface Route {
  readonly dst: string;
  readonly type?: string;
  readonly dev?: string;
  readonly table?: string;
  readonly protocol?: string;
}

export interface Nexthop {
  readonly id: number;
  readonly protocol?: string;
  readonly group?: readonly unknown[];
}

export interface Link {
  readonly ifname: string;
  readonly mtu: number;
  readonly master?: string;
  readonly ifalias?: string;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly table?: number } };
}

/** A chain at a hook, of any hand, with its rules as nft prints them. */
export interface BaseChain {
  /** `ip filter FORWARD`. */
  readonly name: string;
  readonly table: string;
  readonly hook: string;
  readonly policy: string;
  /** Its own. */
  readonly own: readonly string[];
  /** Its own, and behind them those of chains that they lead to, each with the name of its chain. */
  readonly rules: readonly string[];
  /** All chains of its table, by name. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
}

export interface Listener {
  readonly port: number;
  /** Of its program, as ss(8) shows it; empty: the kernel's, as of WireGuard. */
  readonly program: string;
}

export interface Disk {
  readonly folder: string;
  readonly freeBytes: number;
  readonly freeRatio: number;
  /** null: the file system counts none. */
  readonly freeInodes: number | null;
}

/** All that is read of a host; nothing is changed. null: it cannot be read here. */
export interface HostFacts {
  /** null: not tried. */
  readonly capabilities: HostCapabilities | null;
  readonly rules: readonly Rule[] | null;
  readonly routes: readonly Route[] | null;
  readonly nexthops: readonly Nexthop[] | null;
  readonly links: readonly Link[] | null;
  readonly chains: readonly BaseChain[] | null;
  /** Rules of iptables that set packet marks, IPv4 and IPv6, as iptables-save prints them. */
  readonly markRules: readonly string[];
  readonly udp: readonly Listener[] | null;
  readonly tcp: readonly Listener[] | null;
  /** Settings by name below /proc/sys. */
  readonly sysctls: ReadonlyMap<string, string>;
  /** Features of the kernel that some tunnels or labs want, as far as they can be told. */
  readonly modules: ReadonlyMap<string, boolean | null>;
  /** Of a set of well-known units, those that run. */
  readonly units: readonly string[];
  /** Version of systemd; null: there is none. */
  readonly systemd: number | null;
  /** Setup state by interface, as networkctl(1) says; null: no networkd answers. */
  readonly networkd: ReadonlyMap<string, string> | null;
  /** Effective settings of networkd.conf, `[Network]`, by name. */
  readonly networkdSettings: ReadonlyMap<string, string>;
  /** Is the wall clock synchronised? null: nobody knows. */
  readonly synchronised: boolean | null;
  readonly disks: readonly Disk[];
}

export interface LookOptions {
  /** Words before every command that looks at the network, for tests. */
  readonly prefix: readonly string[];
  readonly run: RunProcess;
  /**
   * Whether to try what the kernel can do, which makes interfaces for a moment. Not where an agent runs: it
   * has what it needs, and programs such as systemd-networkd act on each interface that appears.
   */
  readonly trial: boolean;
  readonly sysctls: readonly string[];
  readonly folders: readonly string[];
  /** Folder of systemd's configuration. */
  readonly etc: string;
}

/** Units that change a host's network, and what their programs are called. */
const knownUnits = [
  'systemd-networkd',
  'NetworkManager',
  'firewalld',
  'ufw',
  'nftables',
  'docker',
  'containerd',
  'kubelet',
  'k3s',
  'tailscaled',
  'frr',
  'bird',
  'amazon-ssm-agent',
  'snap.amazon-ssm-agent.amazon-ssm-agent',
] as const;

/** Reads a host with ip(8), nft(8), ss(8), systemctl(1) and the files of /proc. */
export async function lookAtHost(options: LookOptions): Promise<HostFacts> {
  const { prefix, run, etc } = options;
  const network = (...command: string[]) => run([...prefix, ...command]);
  const json = async <T>(...command: string[]): Promise<T[] | null> => {
    const { code, stdout } = await network(...command);
    return code === 0 ? (JSON.parse(stdout.trim() || '[]') as T[]) : null;
  };
  const both = async <T>(...words: string[]): Promise<T[] | null> => {
    const [four, six] = [await json<T>('ip', '-4', ...words), await json<T>('ip', '-6', ...words)];
    return four && six && [...four, ...six];
  };
  const unitStates = await run(['systemctl', 'is-active', ...knownUnits]);
  const saves = [await network('iptables-save'), await network('ip6tables-save')];
  return {
    capabilities: options.trial ? await findCapabilities({ prefix }) : null,
    rules: await both('-j', '-N', '-d', 'rule', 'show'),
    routes: inTables(await both('-j', '-N', 'route', 'show', 'table', 'all')),
    nexthops: await json('ip', '-j', '-N', 'nexthop', 'show'),
    links: await json('ip', '-j', '-d', 'link', 'show'),
    chains: baseChains(await network('nft', '-s', 'list', 'ruleset')),
    markRules: saves.flatMap(({ stdout }) => stdout.split('\n').filter((l) => /-j (CONN)?MARK /.test(l))),
    udp: listeners(await network('ss', '-H', '-n', '-a', '-p', '-u')),
    tcp: listeners(await network('ss', '-H', '-n', '-l', '-p', '-t')),
    sysctls: await readSysctls(network, options.sysctls),
    modules: readModules(),
    units: unitStates.stdout
      .split('\n')
      .flatMap((state, i) => (state === 'active' && knownUnits[i] ? [knownUnits[i]] : [])),
    systemd: systemdVersion(await run(['systemctl', '--version'])),
    networkd: networkdStates(await run(['networkctl', '--json=short', 'list'])),
    networkdSettings: networkdSettings(await run(['sh', '-c', catSettings, 'sh', etc])),
    synchronised: await isSynchronised(run),
    disks: options.folders.flatMap(diskOf),
  };
}

/** ip(8) leaves the main table out. */
function inTables(routes: Route[] | null): Route[] | null {
  return routes && routes.map((route) => ({ ...route, table: route.table ?? String(tables.main) }));
}

function baseChains({ code, stdout }: ProcessResult): BaseChain[] | null {
  if (code !== 0) return null;
  const bases: Omit<BaseChain, 'rules'>[] = [];
  let table = '';
  let name = '';
  let own: string[] = [];
  let chains = new Map<string, string[]>();
  for (const line of stdout.split('\n').map((text) => text.trim())) {
    const opened = /^(table|chain) (.*) \{/.exec(line);
    if (opened?.[1] === 'table') {
      table = opened[2];
      chains = new Map();
    } else if (opened) {
      name = opened[2];
      own = [];
      chains.set(name, own);
    } else if (line.startsWith('type ')) {
      const [, hook, , policy = 'accept'] = /hook (\S+)(.*?)(?:policy (\w+))?;?$/.exec(line) ?? [];
      if (hook !== undefined) bases.push({ name: `${table} ${name}`, table, hook, policy, own, chains });
    } else if (line !== '' && line !== '}') own.push(line);
  }
  return bases.map((base) => ({ ...base, rules: withThoseBelow(base.own, base.chains) }));
}

function withThoseBelow(own: readonly string[], chains: BaseChain['chains']): string[] {
  const rules = [...own];
  const seen = new Set<string>();
  for (let i = 0; i < rules.length; i++) {
    const target = /(?:jump|goto) (\S+)/.exec(rules[i])?.[1];
    if (target === undefined || seen.has(target)) continue;
    seen.add(target);
    rules.push(...(chains.get(target) ?? []).map((rule) => `${target}: ${rule}`));
  }
  return rules;
}

function listeners({ code, stdout }: ProcessResult): Listener[] | null {
  if (code !== 0) return null;
  return stdout.split('\n').flatMap((line) => {
    const port = Number(/^\S+\s+\S+\s+\S+\s+\S+:(\d+)\s/.exec(line)?.[1]);
    return port > 0 ? [{ port, program: /users:\(\("([^"]*)"/.exec(line)?.[1] ?? '' }] : [];
  });
}

async function readSysctls(
  network: (...command: string[]) => Promise<ProcessResult>,
  names: readonly string[],
): Promise<Map<string, string>> {
  const files = names.map((name) => `/proc/sys/${name}`);
  const { stdout } = await network('grep', '-s', '-H', '', ...files);
  return new Map(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const at = line.indexOf(':');
        return [line.slice('/proc/sys/'.length, at), line.slice(at + 1)];
      }),
  );
}

/** Not by making one: that would load a module, and some make interfaces of their own. */
function readModules(): Map<string, boolean | null> {
  const wanted = ['wireguard', 'sch_netem', 'ip_gre', 'vrf'];
  const read = (file: string): string | null => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return null;
    }
  };
  const folder = `/lib/modules/${read('/proc/sys/kernel/osrelease')?.trim()}`;
  const [builtin, loadable] = [read(`${folder}/modules.builtin`), read(`${folder}/modules.dep`)];
  const loaded = read('/proc/modules') ?? '';
  return new Map(
    wanted.map((name) => {
      if (new RegExp(`^${name} `, 'm').test(loaded)) return [name, true];
      if (builtin === null && loadable === null) return [name, null];
      return [name, `${builtin}\n${loadable}`.includes(`/${name}.ko`)];
    }),
  );
}

function systemdVersion({ stdout }: ProcessResult): number | null {
  const version = /^systemd (\d+)/.exec(stdout)?.[1];
  return version === undefined ? null : Number(version);
}

function networkdStates({ code, stdout }: ProcessResult): Map<string, string> | null {
  if (code !== 0 || !stdout.startsWith('{')) return null;
  const { Interfaces = [] } = JSON.parse(stdout) as {
    readonly Interfaces?: readonly { readonly Name: string; readonly AdministrativeState: string }[];
  };
  return new Map(Interfaces.map((i) => [i.Name, i.AdministrativeState]));
}

/** Main file first, then drop-ins by name; of equal names the first folder's counts (systemd.conf(5)). */
const catSettings = `cat "$1/networkd.conf" 2>/dev/null
for d in "$1" /run/systemd /usr/local/lib/systemd /usr/lib/systemd /lib/systemd; do ls "$d/networkd.conf.d" 2>/dev/null; done |
  grep '\\.conf$' | LC_ALL=C sort -u | while read -r name; do
    for d in "$1" /run/systemd /usr/local/lib/systemd /usr/lib/systemd /lib/systemd; do
      [ ! -e "$d/networkd.conf.d/$name" ] || { echo; cat "$d/networkd.conf.d/$name"; break; }
    done
  done; true`;

function networkdSettings({ stdout }: ProcessResult): Map<string, string> {
  const settings = new Map<string, string>();
  let section = '';
  for (const line of stdout.split('\n').map((text) => text.trim())) {
    section = /^\[(.*)\]$/.exec(line)?.[1] ?? section;
    const [, name, value] = /^([A-Za-z0-9]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (section === 'Network' && name !== undefined) settings.set(name, value);
  }
  return settings;
}

async function isSynchronised(run: RunProcess): Promise<boolean | null> {
  const asked = await run(['timedatectl', 'show', '--property=NTPSynchronized', '--value']);
  if (asked.code === 0) return asked.stdout.trim() === 'yes';
  const chrony = await run(['chronyc', '-c', 'tracking']);
  if (chrony.code === 0) return !chrony.stdout.trim().endsWith('Not synchronised');
  return null;
}

function diskOf(folder: string): Disk[] {
  try {
    const { bsize, bavail, blocks, files, ffree } = statfsSync(folder);
    const freeInodes = files === 0 ? null : ffree;
    return [{ folder, freeBytes: bsize * bavail, freeRatio: blocks === 0 ? 1 : bavail / blocks, freeInodes }];
  } catch {
    return [];
  }
}
