import { wantedHost } from '../../../lib/agent/apply/wanted/wanted-host';
import { tryBatchLine } from '../../../lib/agent/apply/linux/command-line';
import { skipped } from '../../net/skipped';
import { plannedGateways } from '../../support/gateway-plan';
import { triangleNetwork } from '../../support/small-networks';
import { inUserMode, userModeGap } from '../../support/user-mode-linux';

// A user's VRF beside our rules, asked of a real kernel: that of this machine may have no VRFs. Debian's
// user-mode kernel has them, and no segment routing: our tables hold a plain route each.

jest.setTimeout(90_000);

test('a VRF of the user keeps its traffic, its rule and its interfaces beside our rules', async () => {
  const gap = userModeGap();
  if (gap) return skipped(gap);
  const planned = await plannedGateways(triangleNetwork);
  const state = planned.state('a/1');
  const { objects } = wantedHost(state, {
    endpoints: new Map(),
    keys: null,
    selections: [],
    openReservations: [],
  });
  const rules = objects
    .filter(({ kind }) => kind === 'rule4' || kind === 'rule6')
    .map((object) => tryBatchLine({ verb: 'add', object })!);
  expect(rules.length).toBeGreaterThan(10);
  const tables = [...new Set(rules.map(({ line }) => /(?:lookup|table) (\d{5})/.exec(line)?.[1]))].filter(
    Boolean,
  );
  const blocksOf = (region: string) => {
    const { ipv4Prefixes, ipv6Prefixes } = state.routes.find(({ to }) => to === region)!;
    return [ipv4Prefixes[0], ipv6Prefixes[0]];
  };
  // The VRF has the same block as b, with other hosts in it, and nothing of c.
  const [inB, inC] = ['b', 'c'].map((region) => blocksOf(region).map((block) => block.replace(/\/\d+$/, '')));
  const routes = tables.flatMap((table) =>
    [...blocksOf('b'), ...blocksOf('c')].map((block) => `ip route add ${block} dev wg-b table ${table}`),
  );
  const ask = (name: string, to: string, i: number, words: string) =>
    `echo "${name} ${i}: $(ip route get ${to} ${words} 2>&1 | head -1)"`;
  const asked = [0, 1].flatMap((i) => [
    ask('b', inB[i], i, ''),
    ...['vrf blue', 'vrf blue mark 0xffffffff', `from ${['192.0.2.9', '2001:db8::9'][i]} iif ens6`].flatMap(
      (words, n) => [
        ask(`b in the VRF, ${n}`, inB[i], i, words),
        ask(`c in the VRF, ${n}`, inC[i], i, words),
      ],
    ),
  ]);
  const printed = inUserMode(
    ['crc-ccitt', 'ipv6', 'vrf', 'veth'],
    `echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
ip link add blue type vrf table 10
ip link set blue up
ip link add ens6 type veth peer name far6
ip link set ens6 master blue
ip link set far6 up
ip link set ens6 up
ip address add 192.0.2.1/24 dev ens6
ip address add 2001:db8::1/64 dev ens6 nodad
ip route add ${blocksOf('b')[0]} dev ens6 table 10
ip route add ${blocksOf('b')[1]} dev ens6 table 10
ip route add table 10 unreachable default metric 4278198272
ip -6 route add table 10 unreachable default metric 4278198272
ip link add wg-b type veth peer name far-b
ip link set far-b up
ip link set wg-b up
ip address add 10.255.0.1/31 dev wg-b
ip address add fd00::1/127 dev wg-b nodad
${rules.map(({ tool, line }) => `${tool === 'ip6' ? 'ip -6' : 'ip'} ${line}`).join('\n')}
${routes.join('\n')}
sleep 2
${asked.join('\n')}
echo "rule: $(ip rule show priority 1000)"
echo "slave: $(ip -br link show master blue)"`,
  );
  const said = new Map(
    printed.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
  );
  for (const family of [0, 1]) {
    expect(said.get(`b ${family}`)).toContain('dev wg-b');
    for (const way of [0, 1, 2]) {
      expect(said.get(`b in the VRF, ${way} ${family}`)).toContain('dev ens6');
      expect(said.get(`c in the VRF, ${way} ${family}`)).toContain('No route to host');
    }
  }
  expect(said.get('rule')).toContain('l3mdev');
  expect(said.get('slave')).toMatch(/^ens6/);
});
