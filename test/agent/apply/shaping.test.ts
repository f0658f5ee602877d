import { spawnSync, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { apply } from '../../../lib/agent/apply';
import type { QosClass } from '../../../lib/model';
import {
  buildGateways,
  inside,
  namespaceGap,
  startInside,
  type GatewayNetwork,
} from '../../support/gateway-namespaces';
import { plannedGateways } from '../../support/gateway-plan';
import { ready } from '../../support/udp-stream';
import { skipped } from '../../net/skipped';
import { reservedNetwork } from '../../support/small-networks';

const why = namespaceGap() ?? (spawnSync('iperf3', ['--version']).status === 0 ? undefined : 'no iperf3');
const dscp: Readonly<Record<QosClass, number>> = {
  critical: 40,
  realtime: 46,
  interactive: 34,
  bulk: 10,
  'best-effort': 0,
};
const reservedMbps = 30;
const linkMbps = 50;

/** UDP of a class from one region to another, more than the link takes. */
interface Flow {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly class: QosClass;
  readonly mbps: number;
}

/** Of 40 Mbps. */
const held: Flow = { from: 'a', to: 'c', port: 5201, class: 'bulk', mbps: 40 };

describe('a reservation of 30 Mbps on links of 50', () => {
  let net: GatewayNetwork;
  const servers: ChildProcess[] = [];

  beforeAll(async () => {
    if (why) return;
    net = buildGateways(await plannedGateways(reservedNetwork), `sh${process.pid}`);
    for (const region of ['b', 'c']) {
      const { ns } = net.workload(region);
      inside(ns, 'nft add table inet count');
      inside(ns, "nft 'add chain inet count in { type filter hook prerouting priority 0; }'");
      for (const port of [5201, 5202]) {
        inside(ns, `nft add rule inet count in udp dport ${port} counter`);
        const server = startInside(ns, ['iperf3', '-s', '-p', String(port), '--forceflush']);
        servers.push(server);
        await ready(server);
      }
    }
  }, 60000);
  afterAll(async () => {
    for (const server of servers) server.kill('SIGKILL');
    if (!why) await net.close();
  });

  async function open(openReservations: readonly string[]): Promise<number[]> {
    const counts: number[] = [];
    for (const id of ['a/1', 'b/1', 'c/1']) {
      const { host, wanted } = net.gateway(id);
      const report = await apply(host, wanted({ openReservations }));
      expect(report.failures.map((f) => `${f.line}: ${f.message}`)).toEqual([]);
      counts.push(report.commands);
    }
    return counts;
  }

  function start({ from, to, port, class: qos, mbps }: Flow): ChildProcess {
    const { ipv4 } = net.workload(to);
    const words = ['-c', ipv4, '-p', `${port}`, '-u', '-b', `${mbps}M`, '-l', '1300', '-t', '30', '-S'];
    return startInside(net.workload(from).ns, ['iperf3', ...words, String(dscp[qos] << 2)]);
  }

  /** Bytes of IP that have arrived so far. */
  function arrived({ to, port }: Flow): number {
    const text = inside(net.workload(to).ns, 'nft list chain inet count in');
    return Number(new RegExp(`dport ${port} counter packets \\d+ bytes (\\d+)`).exec(text)![1]);
  }

  /**
   * What arrives of each, Mbps, over 5 s. Where they do not fill the link, or it is not as it should be, the
   * machine may have been too busy to carry it: tried again, four times at most.
   */
  async function share(flows: readonly Flow[], good: (first: number) => boolean): Promise<number[]> {
    for (let left = 4; ; left--) {
      const running: ChildProcess[] = [];
      for (const flow of flows) {
        running.push(start(flow));
        await wait(700);
      }
      await wait(1500);
      const [begin, before] = [performance.now(), flows.map(arrived)];
      await wait(5000);
      const [end, after] = [performance.now(), flows.map(arrived)];
      for (const child of running) child.kill('SIGKILL');
      await wait(500);
      const rates = after.map((bytes, i) => ((bytes - before[i]) * 8) / (end - begin) / 1000);
      const total = rates.reduce((sum, rate) => sum + rate, 0);
      process.stderr.write(`${flows.map((f, i) => `${f.class} ${rates[i].toFixed(2)} Mbps`).join(', ')}\n`);
      if ((total > 0.9 * linkMbps && good(rates[0])) || left === 1) return rates;
    }
  }

  const within = (mbps: number) => Math.abs(mbps / reservedMbps - 1);

  test.each<[string, Flow]>([
    [
      'best effort, at its first gateway',
      { from: 'a', to: 'b', port: 5202, class: 'best-effort', mbps: 100 },
    ],
    ['best effort, on the way', { from: 'b', to: 'c', port: 5202, class: 'best-effort', mbps: 100 }],
    [
      'a class above it, at its first gateway',
      { from: 'a', to: 'b', port: 5202, class: 'critical', mbps: 100 },
    ],
    ['a class above it, on the way', { from: 'b', to: 'c', port: 5202, class: 'critical', mbps: 100 }],
    ['its own class, at its first gateway', { from: 'a', to: 'b', port: 5202, class: 'bulk', mbps: 100 }],
  ])(
    'holds within 5 %% against a flood of %s',
    async (_name, flood) => {
      if (why) return skipped(why);
      await open(['held']);
      const [mbps, other] = await share([held, flood], (first) => first > reservedMbps * 0.95);
      expect(mbps).toBeGreaterThan(reservedMbps * 0.95);
      // What is above comes from the classes below alone.
      if (flood.class === 'critical') expect(within(mbps)).toBeLessThan(0.05);
      expect(mbps + other).toBeLessThan(linkMbps * 1.02);
    },
    60000,
  );

  test('is only a class like others while its window is closed, and opening touches its queues alone', async () => {
    if (why) return skipped(why);
    await open([]);
    const flood: Flow = { from: 'a', to: 'b', port: 5202, class: 'critical', mbps: 100 };
    const [closed] = await share([held, flood], (first) => first < reservedMbps / 4);
    expect(closed).toBeLessThan(reservedMbps / 4);
    // At the first gateway a class, its queue and the marks; on the way the class and what may arrive in it.
    expect(await open(['held'])).toEqual([3, 2, 0]);
    expect(await open(['held'])).toEqual([0, 0, 0]);
    expect(await open([])).toEqual([2, 2, 0]);
  }, 120000);
});
