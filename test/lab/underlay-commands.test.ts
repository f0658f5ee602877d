import { spawn, spawnSync } from 'node:child_process';
import { blockRules } from '../../lib/lab/block-rules';
import { flowId, impairmentsOf, noImpairment, type Impairment } from '../../lib/lab/impairment';
import { layOut } from '../../lib/lab/layout';
import { netemChange, netemSetUp } from '../../lib/lab/netem-commands';
import { inside, ipBatch, run } from '../../lib/lab/run';
import { switchesOf, wiring } from '../../lib/lab/wiring';
import { skipped } from '../net/skipped';
import { fourRegions } from '../support/four-regions';
import { labGap } from '../support/lab-gap';

const layout = layOut(fourRegions(), `cmd${process.pid}`);
const flows = layout.tunnels.flatMap((t) => [flowId(t, 0), flowId(t, 1)]);
const impaired = (id: string, more: Partial<Impairment>) => new Map([[id, { ...noImpairment, ...more }]]);
const linkFailure = (target: string) =>
  impairmentsOf(layout.tunnels, [{ target, blackhole: true, lossRatio: 0, extraMs: 0, towards: null }]);

describe('netem commands', () => {
  const lines = netemSetUp(layout);

  it('give every flow its class and its planned latency on the wire to its gateway', () => {
    expect(lines.filter((l) => l.startsWith('qdisc') && l.includes('netem'))).toHaveLength(flows.length);
    // dublin/1 is gateway1; three tunnels end there, the first from london.
    expect(lines.filter((l) => l.includes('dev gateway1 '))).toEqual([
      'qdisc add dev gateway1 root handle 1: htb',
      'class add dev gateway1 parent 1: classid 1:1 htb rate 30gbit quantum 60000',
      'qdisc add dev gateway1 parent 1:1 handle 101: netem limit 10000 delay 5000us loss 0%',
      'filter add dev gateway1 parent 1: protocol ip prio 1 u32 match ip src 198.18.0.7/32 ' +
        'match ip protocol 17 0xff match ip sport 51820 0xffff match ip dport 51820 0xffff flowid 1:1',
      'class add dev gateway1 parent 1: classid 1:2 htb rate 30gbit quantum 60000',
      'qdisc add dev gateway1 parent 1:2 handle 102: netem limit 10000 delay 7000us loss 0%',
      'filter add dev gateway1 parent 1: protocol ip prio 1 u32 match ip src 198.18.0.7/32 ' +
        'match ip protocol 17 0xff match ip sport 51822 0xffff match ip dport 51821 0xffff flowid 1:2',
      'class add dev gateway1 parent 1: classid 1:3 htb rate 30gbit quantum 60000',
      'qdisc add dev gateway1 parent 1:3 handle 103: netem limit 10000 delay 8000us loss 0%',
      'filter add dev gateway1 parent 1: protocol ip prio 1 u32 match ip src 198.18.0.9/32 ' +
        'match ip protocol 17 0xff match ip sport 51821 0xffff match ip dport 51822 0xffff flowid 1:3',
    ]);
  });

  it('change what is impaired, and bring everything else back to the plan', () => {
    const id = 'tunnel-dublin-london from london/1';
    const changed = netemChange(layout, impaired(id, { lossRatio: 0.2, extraMs: 100 }));
    expect(changed).toHaveLength(flows.length);
    expect(changed.filter((l) => !/loss 0%$/.test(l))).toEqual([
      'qdisc change dev gateway1 parent 1:1 handle 101: netem limit 10000 delay 105000us loss 20%',
    ]);
    expect(netemChange(layout, impaired(id, { blackhole: true }))[1]).toMatch(/loss 100%$/);
    expect(netemChange(layout, new Map()).map((l) => l.replace('change', 'add'))).toEqual(
      lines.filter((l) => l.includes('netem')).sort((a, b) => order(changed, a) - order(changed, b)),
    );
  });

  /** Place of a class and device among the changes. */
  const order = (changed: readonly string[], line: string) => {
    const where = /dev \S+ parent \S+/.exec(line)![0];
    return changed.findIndex((l) => l.includes(`${where} `));
  };
});

describe('plain forwarding', () => {
  it('blocks a direction by addresses and ports, or a share of it', () => {
    const id = 'tunnel-dublin-london from london/1';
    const rule = (more: Partial<Impairment>) =>
      blockRules(layout, impaired(id, more))
        .split('\n')
        .filter((l) => l.includes('drop'))
        .map((l) => l.trim());
    const packet = 'ip saddr 198.18.0.7 udp sport 51820 ip daddr 198.18.0.1 udp dport 51820';
    expect(rule({ blackhole: true })).toEqual([`${packet} counter drop`]);
    expect(rule({ lossRatio: 0.2 })).toEqual([`${packet} numgen random mod 10000 < 2000 counter drop`]);
    expect(() => blockRules(layout, impaired(id, { extraMs: 1 }))).toThrow(RangeError);
  });
});

describe('in namespaces', () => {
  const why = labGap();
  const gateway = (id: string) => layout.gateways.find((g) => g.id === id)!;

  beforeAll(async () => {
    if (why) return;
    const { outside, inside: within } = wiring(layout);
    await ipBatch(outside);
    for (const [namespace, lines] of within) await ipBatch(lines, namespace);
    for (const [namespace, switches] of switchesOf(layout)) {
      for (const [name, value] of Object.entries(switches)) {
        await run(inside(namespace, ['sh', '-c', `echo ${value} >/proc/sys/net/${name}`]));
      }
    }
  });
  afterAll(async () => {
    if (why) return;
    const { underlay, gateways, regions } = layout;
    const names = [underlay, ...gateways.map((g) => g.namespace), ...regions.map((r) => r.namespace)];
    for (const name of names) await run(['ip', 'netns', 'delete', name]);
  });

  /** Sends datagrams between gateways with these ports; how many arrive. */
  async function send(
    from: string,
    to: string,
    sport: number,
    dport: number,
    count: number,
  ): Promise<number> {
    const receiver = spawn(
      ...split(inside(gateway(to).namespace, [process.execPath, '-e', receive, String(dport)])),
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    await new Promise((resolve) => receiver.stdout.once('data', resolve));
    const args = [gateway(from).address, String(sport), gateway(to).address, String(dport), String(count)];
    await run(inside(gateway(from).namespace, [process.execPath, '-e', sendAll, ...args]));
    const told = new Promise<string>((resolve) =>
      receiver.stdout.once('data', (b: Buffer) => resolve(String(b))),
    );
    receiver.stdin.end();
    return Number(await told);
  }

  it('the filters sort each flow into its class (netem itself replaced where the kernel has none)', async () => {
    if (why) return skipped(why);
    const tried = spawnSync('tc', [
      '-n',
      layout.underlay,
      'qdisc',
      'add',
      'dev',
      'lo',
      'root',
      'netem',
      'delay',
      '1ms',
    ]);
    const netem = tried.status === 0;
    process.stderr.write(
      netem ? 'netem by the kernel\n' : 'this kernel has no netem: its place is taken by pfifo\n',
    );
    const lines = netemSetUp(layout).map((l) => (netem ? l : l.replace(/netem .*/, 'pfifo limit 1000')));
    await run(['tc', '-n', layout.underlay, '-batch', '-'], `${lines.join('\n')}\n`);
    const packets = async () => {
      const text = await run(['tc', '-s', '-n', layout.underlay, 'class', 'show', 'dev', 'gateway1']);
      return [...text.matchAll(/class htb (1:\d+) [^]*?Sent \d+ bytes (\d+) pkt/g)].map((m) => [
        m[1],
        Number(m[2]),
      ]);
    };
    expect(await send('london/1', 'dublin/1', 51822, 51821, 20)).toBe(20);
    expect(Object.fromEntries(await packets())).toMatchObject({ '1:1': 0, '1:2': 20, '1:3': 0 });
    expect(await send('paris/1', 'dublin/1', 51821, 51822, 7)).toBe(7);
    expect(Object.fromEntries(await packets())).toMatchObject({ '1:1': 0, '1:2': 20, '1:3': 7 });
    // Other ports are nobody's.
    expect(await send('paris/1', 'dublin/1', 4000, 51822, 5)).toBe(5);
    expect(Object.fromEntries(await packets())).toMatchObject({ '1:1': 0, '1:2': 20, '1:3': 7 });
    if (netem)
      await run(['tc', '-n', layout.underlay, '-batch', '-'], netemChange(layout, new Map()).join('\n'));
  });

  it('nftables drops what a failed link carries, and nothing of its parallel sibling', async () => {
    if (why) return skipped(why);
    const nft = (text: string) => run(inside(layout.underlay, ['nft', '-f', '-']), text);
    await nft(blockRules(layout, linkFailure('link-dublin-london')));
    expect(await send('london/1', 'dublin/1', 51820, 51820, 10)).toBe(0);
    expect(await send('dublin/1', 'london/1', 51820, 51820, 10)).toBe(0);
    expect(await send('london/1', 'dublin/1', 51822, 51821, 10)).toBe(10);
    await nft(blockRules(layout, impaired('tunnel-dublin-london from london/1', { lossRatio: 0.2 })));
    const arrived = await send('london/1', 'dublin/1', 51820, 51820, 500);
    // Four standard deviations of a binomial: 500 x 0.8 with 9.
    expect(Math.abs(arrived - 400)).toBeLessThan(36);
    await nft(blockRules(layout, new Map()));
    expect(await send('london/1', 'dublin/1', 51820, 51820, 10)).toBe(10);
  });
});

function split([program, ...args]: readonly string[]): [string, string[]] {
  return [program, args];
}

const receive = `let n = 0;
const s = require('dgram').createSocket('udp4');
s.on('message', () => n++).bind(Number(process.argv[1]), () => process.stdout.write('ready'));
process.stdin.resume().on('end', () => setTimeout(() => { process.stdout.write(String(n)); process.exit(); }, 200));`;

const sendAll = `const [source, sport, address, port, count] = process.argv.slice(1);
const s = require('dgram').createSocket('udp4');
s.bind(Number(sport), source, () => {
  let n = 0;
  const timer = setInterval(() => {
    if (n++ === Number(count)) { clearInterval(timer); s.close(); } else s.send('x', Number(port), address);
  }, 1);
});`;
