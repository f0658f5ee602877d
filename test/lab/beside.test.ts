import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../lib/agent/client';
import { networkdSettings, unmanagedInterfaces } from '../../lib/gateway';
import { monotonicMs } from '../../lib/lab/clock';
import { makeFault } from '../../lib/lab/fault/make-fault';
import type { Lab } from '../../lib/lab/record';
import { agentSocket } from '../../lib/lab/start-agent';
import { measureStream } from '../../lib/lab/stream/measure-stream';
import type { Streams, WantedStream } from '../../lib/lab/stream/streams';
import { classPort } from '../../lib/lab/test-ports';
import type { QosClass } from '../../lib/model';
import { skipped } from '../net/skipped';
import { fourRegions } from '../support/four-regions';
import { inside } from '../support/gateway-namespaces';
import { labGap } from '../support/lab-gap';
import { firewalldBeside, firewalldGap, type Firewalld } from '../support/firewalld';
import {
  dockerRules,
  firewallConf,
  foreignMarkRules,
  kubeProxyRules,
  tailscaleRouting,
  tailscaleRoutingEnds,
  tailscaleRules,
} from '../support/neighbour-rules';
import { networkdBeside, networkdRoots, type Networkd } from '../support/networkd';
import { realLab, type RealLab } from '../support/real-lab';

// Others on the host of a gateway, with real tunnels, agents and packets: streams to, from and through its
// region while systemd-networkd, nftables.service, Docker's rules, and packet marks come and go.

jest.setTimeout(240_000);
// Other machines of the same host take time from this one: what fails for that is tried again, and said.
jest.retryTimes(1, { logErrorsBeforeRetry: true });

const why = labGap();
const roots = why ? new Map<string, string>() : networkdRoots();
const gateway = 'london/1';
const spacingMs = 5;
let real: RealLab;
let lab: Lab;
let streams: Streams;
let networkd: Networkd | undefined;
let firewalld: Firewalld | undefined;

beforeAll(async () => {
  if (why) return;
  real = await realLab('beside', fourRegions(), ['--interval', '40', '--multiplier', '5']);
  ({ lab } = real);
  streams = await real.openStreams();
  await untilPlanned();
}, 200_000);
afterEach(() => {
  networkd?.close();
  networkd = undefined;
  firewalld?.close();
  firewalld = undefined;
});
afterAll(async () => {
  if (why) return;
  await real?.close();
});

/** Waits until all traffic goes as planned. */
async function untilPlanned(): Promise<void> {
  const all = lab.layout.gateways.map(({ id }) => connect({ socket: agentSocket(lab, id) }));
  for (const end = Date.now() + 100_000; ; await sleep(200)) {
    const routes = (await Promise.all(all.map((one) => one.routes().catch(() => null)))).flat();
    if (routes.every((r) => r?.state === 'planned')) break;
    if (Date.now() > end)
      throw new Error(
        `not as planned within 100 s: ${JSON.stringify(routes.filter((r) => r?.state !== 'planned'))}`,
      );
  }
}

/** The commands that docs/beside.md gives for a program, those of its first block. */
function documentedLines(program: string): string {
  const text = readFileSync(path.join(__dirname, '../../docs/beside.md'), 'utf8');
  const [, lines] = new RegExp(`\\*\\*${program}\\*\\*[\\s\\S]*?\`\`\`sh\\n([\\s\\S]*?)\`\`\``).exec(text)!;
  return lines;
}

const ns = () => lab.layout.gateways.find(({ id }) => id === gateway)!.namespace;
const on = (script: string) => inside(ns(), script);

/** To, from and through the region of the gateway; the last ends its segments there. */
const pairs = [
  ['dublin', 'london'],
  ['london', 'frankfurt'],
  ['dublin', 'frankfurt'],
  ['paris', 'london'],
] as const;

/** Datagrams lost in each pair, of both families, while something happens and for two seconds after it. */
async function lost(what: string, does: () => unknown, qos: QosClass = 'critical'): Promise<number[]> {
  const region = (id: string) => lab.layout.regions.find((r) => r.id === id)!;
  await untilPlanned();
  await streams.start(
    pairs.flatMap(([from, to], i) =>
      (['ipv4', 'ipv6'] as const).map((family, j): WantedStream => ({
        from: region(from).namespace,
        to: region(to).namespace,
        stream: 2 * i + j + 1,
        source: region(from).hosts[0][family],
        sourcePort: 20_001 + 2 * i + j,
        destination: region(to).hosts[0][family],
        port: classPort(qos),
        spacingMs,
      })),
    ),
  );
  await sleep(500);
  const fromMs = monotonicMs();
  let failure: unknown;
  try {
    await does();
    await sleep(2000);
  } catch (error) {
    failure = error;
  }
  const recorded = await streams.finish(400);
  if (failure) throw failure;
  const parts = recorded.map((r) => measureStream(r.sentMs, r.sequences, r.receivedMs, fromMs));
  const sent = parts.reduce((sum, part) => sum + part.sent, 0);
  const each = parts.map((part) => part.lost);
  process.stdout.write(`${what.padEnd(46)} lost ${each.join(' + ')} of ${sent}\n`);
  expect(sent).toBeGreaterThan(1000);
  return each;
}
const none = pairs.flatMap(() => [0, 0]);

describe('beside a gateway', () => {
  test.each(['252', '257'])('systemd-networkd %s configures interfaces: no loss', async (version) => {
    if (why) return skipped(why);
    if (!roots.has(version)) return skipped(`no systemd-networkd ${version} is here`);
    const names = lab.plan.tunnels.flatMap((t) => t.ends).filter((end) => end.gateway === gateway);
    on('ip link add ens5 type veth peer name far5; ip link set far5 up; ip link set ens5 up');
    networkd = await networkdBeside(ns(), roots.get(version)!);
    networkd.write('/etc/systemd/network/10-user.network', '[Match]\nName=ens*\n[Network]\nLLDP=no\n');
    networkd.write('/etc/systemd/networkd.conf.d/50-dwcp.conf', networkdSettings);
    const ours = ['dwcp0', 'dwcp1', ...names.map((end) => end.interfaceName)];
    networkd.write('/etc/systemd/network/05-dwcp.network', unmanagedInterfaces(ours));
    const measured = await lost(`networkd ${version} starts, an interface appears`, async () => {
      await networkd!.start();
      on('ip link add ens6 type veth peer name far6; ip link set far6 up; ip link set ens6 up');
      await sleep(500);
      networkd!.sh('networkctl reconfigure ens5');
    });
    on('ip link delete ens5; ip link delete ens6');
    expect(measured).toEqual(none);
  });

  test.each(['real', 'imitated'])(
    'a networkd that nobody told (%s) costs what mending takes',
    async (which) => {
      if (why) return skipped(why);
      if (which === 'real' && !roots.has('252')) return skipped('no systemd-networkd is installed');
      const measured = await lost(`networkd without our files (${which})`, () =>
        makeFault(lab, gateway, 'networkd', which),
      );
      expect(Math.max(...measured) * spacingMs).toBeLessThanOrEqual(1500);
      expect(on('ip rule show')).toContain('proto 177');
    },
  );

  test('nftables.service restarts, which flushes the ruleset and our table with it: no loss', async () => {
    if (why) return skipped(why);
    const measured = await lost('nftables.service restarts', () =>
      on(`nft -f - <<'END'\n${firewallConf}END`),
    );
    expect(measured).toEqual(none);
    expect(on('nft list table inet dwcp')).toContain('chain enter ');
  });

  test("Docker's rules come: doctor says that they drop; with DOCKER-USER told, no loss", async () => {
    if (why) return skipped(why);
    const load = (rules: string) => on(`nft -f - <<'END'\n${rules}END`);
    const clear = 'nft delete table ip filter; nft delete table ip6 filter';
    const measured = await lost("Docker's rules, tunnels accepted in DOCKER-USER", () => {
      load(dockerRules(true));
    });
    expect(measured).toEqual(none);
    const doctor = async () => {
      const { checks } = await connect({ socket: agentSocket(lab, gateway) }).doctor();
      return checks.find(({ name }) => name === 'forwarding');
    };
    expect(await doctor()).toMatchObject({ state: 'ok' });
    on(clear);
    load(dockerRules(false));
    const found = await doctor();
    on(clear);
    expect(found).toMatchObject({
      state: 'fail',
      says: 'forwarded packets are dropped by ip filter FORWARD, ip6 filter FORWARD',
      next: expect.stringContaining('DOCKER-USER') as string,
    });
  });

  const nft = (script: string) => `nft -f - <<'END'\n${script}END\n`;
  const tablesOf = (family: string) => `delete table ${family} nat\ndelete table ${family} filter\n`;
  const noTables = nft(tablesOf('ip') + tablesOf('ip6'));
  test.each([
    ['kube-proxy', nft(kubeProxyRules), noTables],
    ['Tailscale', nft(tailscaleRules) + tailscaleRouting, noTables + tailscaleRoutingEnds],
    ['marks of both on what comes from the region', nft(foreignMarkRules), 'nft delete table inet others'],
  ])('%s: no loss, and nothing of ours is masqueraded', async (name, comes, goes) => {
    if (why) return skipped(why);
    const measured = await lost(`${name} beside`, () => on(comes), 'best-effort');
    const masquerades = on('nft list ruleset').match(/counter packets \d+ bytes \d+ masquerade/g) ?? [];
    const { checks } = await connect({ socket: agentSocket(lab, gateway) }).doctor();
    on(goes);
    expect(measured).toEqual(none);
    expect(masquerades.filter((rule) => !rule.includes('packets 0 '))).toEqual([]);
    const ours = ['forwarding', 'connections', 'marks', 'earlier-rules'];
    expect(checks.filter((check) => ours.includes(check.name) && check.state !== 'ok')).toEqual([]);
  });

  test('firewalld is told of within seconds; with the lines of the documentation it costs no packet', async () => {
    const gap = why ?? firewalldGap();
    if (gap) return skipped(gap);
    const agent = connect({ socket: agentSocket(lab, gateway) });
    await untilPlanned();
    firewalld = await firewalldBeside(ns());
    const { lastEvent } = await agent.state();
    const atMs = Date.now();
    await firewalld.start();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20_000).unref();
    let toldMs = Infinity;
    for await (const event of agent.events({ after: lastEvent, signal: stop.signal })) {
      if (event.kind !== 'traffic') continue;
      toldMs = Math.round(event.utcMs - atMs);
      stop.abort();
    }
    process.stdout.write(`firewalld starts: told of ${toldMs} ms after it was called\n`);
    expect(toldMs).toBeLessThan(10_000);
    // It loads its rules in several steps.
    const named = async (name: string) => {
      for (const end = Date.now() + 5000; ; await sleep(200)) {
        const found = (await agent.doctor()).checks.find((check) => check.name === name);
        if (found?.state !== 'ok' || Date.now() > end) return found;
      }
    };
    expect(await named('forwarding')).toMatchObject({
      state: 'fail',
      says: 'forwarded packets are dropped by inet firewalld filter_FORWARD',
    });
    expect(await named('way-back')).toMatchObject({
      state: 'warn',
      says: 'inet firewalld filter_PREROUTING drops packets whose way back is another',
    });
    firewalld.sh(documentedLines('firewalld'));
    await untilPlanned();
    const ofFilters = ['forwarding', 'way-back', 'input'];
    const after = (await agent.doctor()).checks;
    expect(after.filter(({ name, state }) => ofFilters.includes(name) && state !== 'ok')).toEqual([]);
    const measured = await lost('firewalld, a port opened and kept', () =>
      firewalld!.sh('firewall-cmd --zone=public --add-port=9100/tcp; firewall-cmd --runtime-to-permanent'),
    );
    expect(measured).toEqual(none);
    // What it has not seen answers to is dropped while it loads its rules, unless told otherwise.
    const canBeTold =
      firewalld.sh('grep -c ^ReloadPolicy /etc/firewalld/firewalld.conf || true').trim() !== '0';
    const version = firewalld.sh('firewall-cmd --version').trim();
    const reloaded = await lost(`firewall-cmd --reload of ${version}`, () =>
      firewalld!.sh('firewall-cmd --reload'),
    );
    if (canBeTold) expect(reloaded).toEqual(none);
    else expect(Math.max(...reloaded) * spacingMs).toBeLessThanOrEqual(1500);
    firewalld.stop();
    await untilPlanned();
  });
});
