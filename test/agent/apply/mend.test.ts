import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  apply,
  identity,
  lostFlows,
  mend,
  needsOf,
  switchSelections,
  type HostChange,
  type HostObject,
} from '../../../lib/agent/apply';
import { wantedHost, type WantedHost } from '../../../lib/agent/apply/wanted/wanted-host';
import { tryIpChange, tryNftChange } from '../../../lib/agent/apply/linux/parse-change';
import { watchHost } from '../../../lib/agent/apply/linux/watch-host';
import { skipped } from '../../net/skipped';
import { agentBench, bareHost, bundleOf, upAll } from '../../support/agent-bench';
import type { FakeHost } from '../../support/fake-host';
import { plannedGateways, type PlannedGateways } from '../../support/gateway-plan';
import { typescript } from '../../support/lab-process';
import { grownNetwork, triangleNetwork } from '../../support/small-networks';

let planned: PlannedGateways;
beforeAll(async () => (planned = await plannedGateways(triangleNetwork)));

async function broughtUp(): Promise<{ host: FakeHost; wanted: WantedHost }> {
  const wanted = wantedHost(planned.state('a/1'), {
    endpoints: new Map(),
    keys: planned.keys('a/1'),
    selections: [],
    openReservations: [],
  });
  const host = bareHost();
  expect((await apply(host, wanted)).failures).toEqual([]);
  return { host, wanted };
}

const mended = (host: FakeHost, wanted: WantedHost) =>
  mend({ host, wanted: () => wanted, alone: (step) => step(), pace: 'inTurn' });

const tunnelTo = (host: FakeHost, peer: string): HostObject => {
  const { interfaceName } = planned.state('a/1').tunnels.find((t) => t.peer.gateway === peer)!;
  return host.objects.get(`tunnel ${interfaceName}`)!;
};

describe('mending thing by thing', () => {
  it('leaves out what stands on a foreign interface, and brings back everything else', async () => {
    const { host, wanted } = await broughtUp();
    const tunnel = tunnelTo(host, 'c/1');
    host.occupy(tunnel);
    // Other things are missing as well, over links that are sound.
    const gone = wanted.objects.filter(({ kind }) => kind === 'rule4' || kind === 'marking');
    for (const object of gone) host.drop(object);
    const order: string[] = [];
    host.onChange = ({ object }) => order.push(object.kind);
    const report = await mended(host, wanted);
    const needs = needsOf(wanted.objects);
    const out = new Set([identity(tunnel)]);
    for (const object of wanted.objects) if (needs(object).some((n) => out.has(n))) out.add(identity(object));
    expect(new Set(report.unhealed.map(({ object }) => identity(object)))).toEqual(out);
    expect(report.unhealed.filter(({ waitsFor }) => waitsFor === undefined)).toMatchObject([
      { object: { kind: 'tunnel', key: tunnel.key }, how: 'gone', cause: 'File exists' },
    ]);
    for (const { kind, key, value } of wanted.objects) {
      const name = `${kind} ${key}`;
      if (!out.has(name)) expect([name, host.objects.get(name)?.value]).toEqual([name, value]);
    }
    expect(new Set(order)).toEqual(new Set(['rule4', 'marking']));
    // Once it is gone the rest follows.
    host.drop(host.objects.get(identity(tunnel))!);
    expect((await mended(host, wanted)).unhealed).toEqual([]);
    expect((await mended(host, wanted)).found).toEqual([]);
  });

  it('brings back what carries traffic before it makes a tunnel', async () => {
    const { host, wanted } = await broughtUp();
    host.drop(tunnelTo(host, 'c/1'));
    host.drop(wanted.objects.find(({ kind }) => kind === 'rule6')!);
    const order: string[] = [];
    host.onChange = ({ object }) => order.push(object.kind);
    expect((await mended(host, wanted)).unhealed).toEqual([]);
    expect(order.indexOf('rule6')).toBeLessThan(order.indexOf('tunnel'));
    expect(order.lastIndexOf('route')).toBeLessThan(order.indexOf('qdisc'));
  });

  it('says which destinations the kernel does not forward', async () => {
    const { wanted } = await broughtUp();
    const of = (test: (object: HostObject) => boolean) => lostFlows(wanted, wanted.objects.filter(test));
    expect([...of(({ kind }) => kind === 'leaf' || kind === 'tunnel')]).toEqual([]);
    const rule = wanted.objects.find(({ kind, key }) => kind === 'rule4' && key.endsWith('lookup 18000'))!;
    expect([...of((object) => object === rule)].every((flow) => flow.endsWith(' critical'))).toBe(true);
    expect(of((object) => object === rule).size).toBe(2);
    const all = of(({ key }) => key === 'net/ipv4/ip_forward');
    expect(all.size).toBe(of(({ kind }) => kind === 'route').size);
  });
});

describe('a switch on a host that lost its groups', () => {
  it('finds them again where it is told to make everything anew', async () => {
    const { host, wanted } = await broughtUp();
    const route = wanted.gateway.routes.find((r) => r.to === 'b' && r.classes.includes('critical'))!;
    const primary = wanted.gateway.paths.find((p) => p.id === route.primary)!;
    const backup = wanted.gateway.paths.find(
      (p) => route.backups.includes(p.id) && p.interfaceName !== primary.interfaceName,
    )!;
    host.drop(host.objects.get(`tunnel ${primary.interfaceName}`)!);
    const choice = { to: 'b', class: 'critical' as const, members: [{ path: backup.id, weight: 1 }] };
    const routed = () =>
      [...host.objects.values()].filter((o) => o.kind === 'route' && o.key.includes(' table 18000 '));
    const led = (prefixes: readonly string[]) =>
      prefixes.every((prefix) => routed().some((o) => o.key.startsWith(`${prefix} `)));
    const prefixes = [...route.ipv4Prefixes, ...route.ipv6Prefixes];
    // The nexthop is replaced, nothing fails, and nothing is forwarded: what issue 18 saw.
    expect((await switchSelections(host, wanted, [choice])).failures).toEqual([]);
    expect(led(prefixes)).toBe(false);
    expect((await switchSelections(host, wanted, [choice], true)).failures).toEqual([]);
    expect(led(prefixes)).toBe(true);
  });

  it('does so by itself once the kernel has told that an interface is gone', async () => {
    const bench = await agentBench(planned);
    const { agent, host } = bench;
    await agent.take();
    upAll(bench);
    await agent.settled();
    const tunnel = tunnelTo(host, 'b/1');
    host.occupy(tunnel);
    host.tell('links', { device: tunnel.key, carries: false });
    // No probe has missed an answer, and no timer has fired yet.
    await new Promise(setImmediate);
    const id = tunnel.tunnel!.tunnel;
    expect(agent.state.sessions.get(`tunnel:${id}`)!.health).toBe('down');
    const routes = [...host.objects.values()].filter((o) => / table 180(00|08|16|24|32) /.test(o.key));
    expect(routes.length).toBeGreaterThanOrEqual(20);
    expect(agent.healing.lost.size).toBe(0);
  });

  it('does not keep another plan from being taken that some of it cannot be mended', async () => {
    const bench = await agentBench(planned);
    const { agent, host, clock, events } = bench;
    await agent.take();
    upAll(bench);
    await agent.settled();
    const tunnel = tunnelTo(host, 'c/1');
    host.occupy(tunnel);
    host.tell('links', { device: tunnel.key, carries: false });
    clock.pass(100);
    await new Promise(setImmediate);
    expect(agent.healing.unhealed.length).toBeGreaterThan(0);
    expect(events.filter(({ kind, to }) => kind === 'heal' && to === 'unhealed')).toMatchObject([
      { what: identity(tunnel), cause: 'File exists' },
    ]);
    bench.next = bundleOf(await plannedGateways(grownNetwork));
    expect(await agent.take()).toMatchObject({ ok: true });
    expect(host.foreign.has(identity(tunnel))).toBe(true);
  });
});

describe('what the kernel tells', () => {
  const cases: [line: string, change: Partial<HostChange> | undefined][] = [
    ['[LINK]Deleted 3: wg-b@NONE: <BROADCAST,UP> mtu 1500 qdisc noop', { device: 'wg-b', carries: false }],
    ['[LINK]3: wg-b: <POINTOPOINT,NOARP> mtu 1420 state DOWN', { device: 'wg-b', carries: false }],
    ['[LINK]3: wg-b: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420', { device: 'wg-b', carries: true }],
    ['[ADDR]Deleted 3: wg-b    inet6 fd00::2/127 scope 0 nodad', { part: 'links', device: 'wg-b' }],
    ['[RULE]Deleted 18000:\tfrom all fwmark 0xb11000/0xfff000 lookup 18000 proto 177', { part: 'routes' }],
    ['[RULE]18000:\tfrom all fwmark 0xb11000/0xfff000 lookup 18000 proto 177', undefined],
    ['[RULE]100:\tfrom all lookup 50 proto 3', undefined],
    ['[NEXTHOP]Deleted id 268435460 via 10.9.0.1 dev wg-b scope 253 proto 177 ', { part: 'routes' }],
    ['[NEXTHOP]id 268435460 via 10.9.0.1 dev eth0 scope 253 proto 3 ', { part: 'routes' }],
    ['[NEXTHOP]id 7 via 10.9.0.1 dev eth0 scope 253 proto 3 ', undefined],
    ['[ROUTE]10.1.0.0/16 via 10.0.0.1 dev eth0 table 18000 proto 3 metric 177 ', { part: 'routes' }],
    ['[ROUTE]10.1.0.0/16 via 10.0.0.1 dev eth0 proto 186 metric 20 ', undefined],
    ['[ROUTE]Deleted 7 10.1.0.0/16 proto 177 metric 4294967295 ', { part: 'routes' }],
    ['[ROUTE]10.1.0.0/16 nhid 268435461 dev wg-b table 18000 proto 177 metric 177 mtu 1300 ', undefined],
    ['[NETCONF]inet all forwarding off ', { part: 'settings' }],
    ['[NETCONF]inet eth0 forwarding off ', undefined],
    ['nonsense', undefined],
    ['', undefined],
  ];

  it.each(cases)('%s', (line, change) => {
    const told = tryIpChange(line);
    if (change === undefined) expect(told).toBeUndefined();
    else expect(told).toMatchObject(change);
  });

  it('is passed over where it is of other tables of nftables', () => {
    expect(tryNftChange('delete table inet dwcp')).toMatchObject({ part: 'marking' });
    expect(tryNftChange('add rule inet dwcp-other a accept')).toBeUndefined();
    expect(tryNftChange('add rule ip nat KUBE-SVC counter')).toBeUndefined();
  });

  it('is missed while the tool that tells it is gone, so that everything is looked at', async () => {
    const line = String.raw`[RULE]Deleted 18000:\tfrom all lookup 18000 proto 177\n`;
    const tool = `printf '${line}'; echo 'netlink receive error No buffer space available (105)' >&2; exit 3`;
    const told: HostChange[] = [];
    await new Promise<void>((resolve) => {
      const watch = watchHost(['sh', '-c', tool, 'sh'], (change) => {
        told.push(change);
        if (change.text === 'ip monitor listens again') void watch.stop().then(() => resolve());
      });
    });
    const texts = told.filter(({ part }) => part === 'all').map(({ text }) => text);
    expect(texts).toContain('ip monitor ended with code 3');
    expect(texts.some((text) => text.includes('missed changes: netlink receive error'))).toBe(true);
    expect(told).toContainEqual(expect.objectContaining({ part: 'routes' }));
    const count = told.length;
    await new Promise((done) => setTimeout(done, 700));
    expect(told.length).toBe(count);
  });

  it('is told by tools that end with whoever started them, however that ended', async () => {
    if (!existsSync('/usr/bin/setpriv')) return skipped('util-linux is not installed');
    const watches = `require(${JSON.stringify(path.join(__dirname, '../../../lib/agent/apply/linux/watch-host'))})
      .watchHost(['sh', '-c', 'echo $$ >&2; exec sleep 1000', 'sh'], ({ text }) => console.log(text));`;
    const [node, ...loads] = typescript;
    const agent = spawn(node, [...loads, '-e', watches], { stdio: ['ignore', 'pipe', 'inherit'] });
    const tools = new Set<number>();
    for await (const piece of agent.stdout) {
      for (const [, id] of String(piece).matchAll(/missed changes: (\d+)/g)) tools.add(Number(id));
      if (tools.size === 2) break;
    }
    const lives = (id: number) => existsSync(`/proc/${id}`);
    expect([...tools].filter(lives)).toHaveLength(2);
    agent.kill('SIGKILL');
    for (const end = Date.now() + 5000; [...tools].some(lives) && Date.now() < end;) await sleep(10);
    expect([...tools].filter(lives)).toEqual([]);
  });
});
