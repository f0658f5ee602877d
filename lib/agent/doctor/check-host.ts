import type { GatewayState } from '../../gateway';
import { tunnelKind } from '../../tunnels';
import { tableRange } from '../apply/numbers';
import { ourInterfaces } from './check-clashes';
import { fail, ok, some, warn, type Check } from './check';
import type { GatewayFacts } from './gateway-facts';
import type { Disk, HostFacts } from './host-facts';

/** Settings that the agent makes, and those that would undo them. */
export function checkSysctls(
  { sysctls }: HostFacts,
  wanted: ReadonlyMap<string, string>,
  running: boolean,
): Check[] {
  const other = [...wanted].filter(([name, value]) => sysctls.has(name) && sysctls.get(name) !== value);
  const noIpv6 = ['all', 'default', 'lo'].filter(
    (name) => sysctls.get(`net/ipv6/conf/${name}/disable_ipv6`) === '1',
  );
  const named = other.map(([name, value]) => `${name} is ${sysctls.get(name)}, not ${value}`);
  const says = `settings differ: ${some(named)}`;
  const next = 'look in /etc/sysctl.d and at other programs for who sets them';
  return [
    other.length === 0
      ? ok('sysctls', 'all settings are as the agent makes them')
      : running
        ? fail('sysctls', says, next)
        : ok('sysctls', `${says}; the agent sets them when it starts`),
    noIpv6.length === 0
      ? ok('ipv6', 'IPv6 is on')
      : fail('ipv6', `IPv6 is off for ${noIpv6.join(', ')}`, 'sysctl -w net.ipv6.conf.all.disable_ipv6=0'),
  ];
}

/** Does the interface towards the Internet carry whole tunnel packets? */
export function checkUnderlay({ routes, links }: HostFacts, gateway: GatewayState | null): Check[] {
  const device = routes?.find((r) => r.dst === 'default' && r.table === '254' && r.dev !== undefined)?.dev;
  const link = links?.find(({ ifname }) => ifname === device);
  if (!link) {
    return [warn('underlay', 'there is no default route', 'give the host a way to its peers')];
  }
  const largest = Math.max(
    0,
    ...(gateway?.tunnels ?? []).map((t) => t.mtu + tunnelKind(t.type).overhead.ipv4),
  );
  const text = `${link.ifname} carries ${link.mtu} bytes, tunnels need ${largest}`;
  return [
    largest > link.mtu
      ? fail('underlay', text, `raise the MTU of ${link.ifname}, or lower 'mtu' of the links`)
      : ok('underlay', largest === 0 ? `${link.ifname} carries ${link.mtu} bytes` : text),
  ];
}

/** Windows of reservations, and times of manifests, go by the wall clock; probing does not. */
export function checkClock({ synchronised }: HostFacts): Check {
  if (synchronised) return ok('clock', 'the clock is synchronised');
  const next = 'run chrony or systemd-timesyncd; on AWS, 169.254.169.123 answers';
  return synchronised === false
    ? warn('clock', 'the clock is not synchronised', next)
    : warn('clock', 'nothing here knows whether the clock is synchronised', next);
}

const mebibyte = 2 ** 20;

export function checkDisks({ disks }: HostFacts): Check[] {
  const text = ({ folder, freeBytes, freeInodes }: Disk) =>
    `${folder} has ${Math.floor(freeBytes / mebibyte)} MiB${freeInodes === null ? '' : ` and ${freeInodes} inodes`} free`;
  const full = disks.filter((d) => d.freeBytes < mebibyte || d.freeInodes === 0);
  const tight = disks.filter((d) => d.freeBytes < 100 * mebibyte || (d.freeInodes ?? 1000) < 1000);
  const next = 'free space: the agent goes on, but forgets what it cannot write';
  if (full.length > 0) return [fail('disk', some(full.map(text)), next)];
  if (tight.length > 0) return [warn('disk', some(tight.map(text)), next)];
  return [ok('disk', disks.length === 0 ? 'no folder of the agent is there yet' : some(disks.map(text)))];
}

/** A fetcher looks each minute. */
const staleMs = 10 * 60_000;

export function checkFetch({ fetched, fetchAgeMs, nowUtcMs }: GatewayFacts): Check {
  const name = 'fetch';
  if (!fetched && fetchAgeMs === null) return ok(name, 'no fetcher brings bundles to this host');
  const minutes = (ms: number) => `${Math.round(ms / 60_000)} min`;
  const journal = "see 'journalctl -u dwcp-fetch'";
  if (fetchAgeMs !== null && fetchAgeMs > staleMs) {
    return warn(name, `the fetcher ran last ${minutes(fetchAgeMs)} ago`, 'systemctl start dwcp-fetch.timer');
  }
  if (fetched?.result === 'refused' || fetched?.result === 'failed') {
    return warn(name, `the last bundle was ${fetched.result}: ${fetched.reason}`, journal);
  }
  if (fetched?.health === 'bad') return warn(name, 'the installed bundle fares badly', journal);
  if (fetched?.latestUtcMs && fetched.latestUtcMs < nowUtcMs) {
    return warn(name, 'the installed bundle may not be installed anew: its time is over', 'deploy again');
  }
  return ok(name, `the last bundle is ${fetched?.result ?? 'not known'}`);
}

export function checkAgent({ running, gateway, trouble }: GatewayFacts): Check {
  const troubled = warn('agent', trouble, "see 'journalctl -u dwcp-agent'");
  if (running === 'self' && trouble !== '') return troubled;
  if (running === 'self') return ok('agent', 'the agent itself looked');
  if (!running) {
    const next = "systemctl status dwcp-agent, or 'dwcp-agent run'";
    return warn('agent', 'no agent answers: what follows is the host without one', next);
  }
  if (!running.ready) {
    return fail('agent', 'the agent runs and is not ready', "see 'dwcp-agent status' and its log");
  }
  if (trouble !== '') return troubled;
  const other = gateway && gateway.generation !== running.generation;
  return other
    ? warn(
        'agent',
        `it runs generation ${running.generation}, ${gateway.generation} is there`,
        'dwcp-agent reload',
      )
    : ok('agent', `the agent runs generation ${running.generation} and is ready`);
}

/** Type of a route as `ip -N` prints it (linux/rtnetlink.h). */
const unreachable = '7';

/** A VRF of the user is left alone; only what our own interfaces stand in is a clash. */
export function checkVrfs(facts: HostFacts, isOurTable: (table: number) => boolean): Check {
  const vrfs = (facts.links ?? []).filter((l) => l.linkinfo?.info_kind === 'vrf');
  if (vrfs.length === 0) return ok('vrfs', 'there is no VRF');
  const names = new Set(vrfs.map((l) => l.ifname));
  const tableOf = (name: string) => vrfs.find((l) => l.ifname === name)?.linkinfo?.info_data?.table ?? 0;
  const clashing = [...names].filter((name) => isOurTable(tableOf(name)));
  if (clashing.length > 0) {
    return fail(
      'vrfs',
      `VRFs have tables of ours: ${some(clashing)}`,
      `give them a table below ${tableRange[0]}`,
    );
  }
  const ours = new Set(ourInterfaces(facts));
  const taken = facts.links!.filter(
    (l) => l.master !== undefined && names.has(l.master) && ours.has(l.ifname),
  );
  if (taken.length > 0) {
    const text = taken.map((l) => `${l.ifname} in ${l.master}`);
    return fail('vrfs', `interfaces of ours are in a VRF: ${some(text)}`, 'ip link set … nomaster');
  }
  const said = [...names].map((name) => `${name} (table ${tableOf(name)})`);
  const isLast = (table: number) =>
    facts.routes?.some((r) => r.dst === 'default' && Number(r.table) === table && r.type === unreachable);
  const open = [...names].filter((name) => !isLast(tableOf(name)));
  if (open.length > 0) {
    const next = `ip route add table ${tableOf(open[0])} unreachable default metric 4278198272`;
    return warn('vrfs', `no last resort, so that our rules are asked next: ${some(open)}`, next);
  }
  return ok('vrfs', `left alone: ${some(said)}`);
}
