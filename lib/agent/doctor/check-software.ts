import { ok, some, warn, type Check } from './check';
import { ourInterfaces } from './check-clashes';
import type { HostFacts } from './host-facts';

/** Programs that change a host's network, with what each is known to do to a gateway. */
export function checkSoftware(facts: HostFacts): Check[] {
  const { units } = facts;
  const known: readonly (readonly [unit: string, danger: string])[] = [
    ['docker', 'sets the policy of FORWARD to drop'],
    ['firewalld', 'rejects what no zone lets through, and drops invalid connections'],
    ['ufw', 'drops what is forwarded unless told otherwise'],
    ['nftables', "removes our table with 'flush ruleset'; the agent puts it back"],
    ['kubelet', 'kube-proxy drops invalid connections; its marks are not ours'],
    ['k3s', 'kube-proxy drops invalid connections; its marks are not ours'],
    ['tailscaled', 'its rules come before ours: accept no routes that overlap'],
  ];
  const found = known.filter(([unit]) => units.includes(unit)).map(([unit, does]) => `${unit} ${does}`);
  return [
    ...checkNetworkd(facts),
    ...(units.includes('NetworkManager') ? [networkManager] : []),
    ok(
      'software',
      found.length === 0 ? 'nothing else here is known to change the network' : found.join('; '),
    ),
  ];
}

const networkManager = warn(
  'networkmanager',
  'NetworkManager may take interfaces of ours for its own',
  'name them unmanaged: docs/beside.md has the file',
);

function checkNetworkd(facts: HostFacts): Check[] {
  const { units, systemd, networkd, networkdSettings } = facts;
  if (!units.includes('systemd-networkd') && !networkd) {
    return [ok('networkd', 'systemd-networkd does not run')];
  }
  const ours = new Set(ourInterfaces(facts));
  const managed = [...(networkd ?? [])].filter(([name, state]) => ours.has(name) && state !== 'unmanaged');
  const next = "'dwcp-agent host-files' tells it what is ours";
  if (managed.length > 0) {
    const names = some(managed.map(([name]) => name));
    return [warn('networkd', `systemd-networkd manages interfaces of ours: ${names}`, next)];
  }
  // Before 256 there was no setting for nexthops.
  const wanted = ['ManageForeignRoutes', 'ManageForeignRoutingPolicyRules'];
  if ((systemd ?? 0) >= 256) wanted.push('ManageForeignNextHops');
  const off = (value: string | undefined) => /^(no|n|false|f|off|0)$/i.test(value ?? '');
  const missing = wanted.filter((name) => !off(networkdSettings.get(name)));
  return [
    missing.length > 0
      ? warn('networkd', `systemd-networkd may remove ours: ${some(missing)} is not 'no'`, next)
      : ok('networkd', `systemd-networkd ${systemd ?? ''} leaves ours alone`.replace('  ', ' ')),
  ];
}
