import { setTimeout as sleep } from 'node:timers/promises';
import { apply } from '../../../lib/agent/apply';
import { difference } from '../../../lib/agent/apply/difference';
import { networkdSettings, unmanagedInterfaces } from '../../../lib/gateway';
import { skipped } from '../../net/skipped';
import { buildGateways, inside, namespaceGap, type GatewayNetwork } from '../../support/gateway-namespaces';
import { plannedGateways } from '../../support/gateway-plan';
import { networkdBeside, networkdRoots, type Networkd } from '../../support/networkd';
import { triangleNetwork } from '../../support/small-networks';

// A real systemd-networkd beside a gateway that nobody mends: what it removes of ours, on which event, and
// that the two files of `dwcp-agent host-files` keep it from that.

const why = namespaceGap();
const roots = why ? new Map<string, string>() : networkdRoots();

/** As cloud images have it; some users match all. */
const matching = (name: string) => `[Match]\nName=${name}\n[Network]\nLLDP=no\nIPv6AcceptRA=no\nDHCP=no\n`;
const userFile = '/etc/systemd/network/10-user.network';

const events: readonly (readonly [name: string, does: (networkd: Networkd) => unknown])[] = [
  ['carrier lost and back', (n) => n.sh('ip link set far5 down; sleep 0.1; ip link set far5 up')],
  ['networkctl reload', (n) => n.sh('networkctl reload')],
  [
    'a matching interface appears',
    (n) => n.sh('ip link add ens6 type veth peer name far6; ip link set far6 up; ip link set ens6 up'),
  ],
  ['reload of a changed file', (n) => n.sh(`echo "# changed" >>${userFile}; networkctl reload`)],
  ['networkctl reconfigure', (n) => n.sh('networkctl reconfigure ens5')],
  [
    'restart',
    async (n) => {
      n.stop();
      await n.start();
    },
  ],
];

let net: GatewayNetwork;
let networkd: Networkd | undefined;

beforeAll(async () => {
  if (why) return;
  net = buildGateways(await plannedGateways(triangleNetwork), `nd${process.pid}`);
  await mend();
}, 60_000);
beforeEach(() => {
  if (!why)
    inside(
      net.gateway('a/1').ns,
      'ip link add ens5 type veth peer name far5; ip link set far5 up; ip link set ens5 up',
    );
});
afterEach(async () => {
  networkd?.close();
  networkd = undefined;
  if (why) return;
  inside(net.gateway('a/1').ns, 'for i in ens5 ens6; do ip link delete $i 2>/dev/null; done; true');
  await mend();
});
afterAll(() => (why ? undefined : net.close()));

async function mend(): Promise<void> {
  const { host, wanted } = net.gateway('a/1');
  const { failures } = await apply(host, wanted());
  expect(failures.map((f) => `${f.line}: ${f.message}`)).toEqual([]);
}

/** What is missing of ours, `rule4 6`; empty: nothing. */
async function missing(): Promise<string> {
  const { host, wanted } = net.gateway('a/1');
  const { make } = difference(await host.observe(), wanted().objects);
  const counts = new Map<string, number>();
  for (const { object } of make) {
    const kind = object.key.startsWith('unreachable') ? 'unreachable' : object.kind;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

/** What each event takes, where it takes anything. */
async function takes(started: Networkd): Promise<Record<string, string>> {
  const taken: Record<string, string> = {};
  const look = async (event: string) => {
    await sleep(400);
    const what = await missing();
    process.stderr.write(`  ${event.padEnd(30)} ${what === '' ? 'nothing' : what}\n`);
    if (what === '') return;
    taken[event] = what;
    await mend();
  };
  await started.start();
  await look('start');
  for (const [event, does] of events) {
    await does(started);
    await look(event);
  }
  return taken;
}

describe.each([
  ['252', ['a matching interface appears', 'reload of a changed file', 'networkctl reconfigure']],
  [
    '257',
    [
      'start',
      'a matching interface appears',
      'reload of a changed file',
      'networkctl reconfigure',
      'restart',
    ],
  ],
])('systemd-networkd %s', (version, removing) => {
  const here = () => why ?? (roots.has(version) ? undefined : `no systemd-networkd ${version} is here`);

  test('removes rules, groups and unreachable routes of others by default', async () => {
    const gap = here();
    if (gap) return skipped(gap);
    networkd = await networkdBeside(net.gateway('a/1').ns, roots.get(version)!);
    networkd.write(userFile, matching('ens*'));
    process.stderr.write(`systemd-networkd ${version} alone takes\n`);
    const taken = await takes(networkd);
    expect(Object.keys(taken)).toEqual(removing);
    for (const what of Object.values(taken)) expect(what).toMatch(/unreachable.*rule4.*rule6/);
    // What our groups are spared for: one of another protocol goes.
    const member = networkd.sh("ip nexthop | grep ' via ' | head -1 | cut -d' ' -f2").trim();
    const group = (id: number, protocol: string) =>
      networkd!.sh(`ip nexthop add id ${id} group ${member} proto ${protocol}`);
    group(98, '177');
    group(99, 'kernel');
    networkd.sh('networkctl reconfigure ens5');
    await sleep(500);
    const left = networkd.sh(
      'ip nexthop show id 98 2>&1 || true; ip nexthop show id 99; ip nexthop del id 99',
    );
    expect(left).toMatch(/^(?!id 98)[^]*id 99 group/);
  }, 60_000);

  test('removes nothing beside our files, even where a file of the user matches every interface', async () => {
    const gap = here();
    if (gap) return skipped(gap);
    const { ns, state } = net.gateway('a/1');
    networkd = await networkdBeside(ns, roots.get(version)!);
    networkd.write(userFile, matching('*'));
    networkd.write('/etc/systemd/networkd.conf.d/50-dwcp.conf', networkdSettings);
    const ours = ['dwcp0', 'dwcp1', ...state.tunnels.map((tunnel) => tunnel.interfaceName)];
    networkd.write('/etc/systemd/network/05-dwcp.network', unmanagedInterfaces(ours));
    process.stderr.write(`systemd-networkd ${version} beside our files takes\n`);
    expect(await takes(networkd)).toEqual({});
  }, 60_000);
});
