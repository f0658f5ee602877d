import type { HostObject } from '../host-object';
import { rate } from '../wanted/wanted-shaping';
import type { LinuxPlace } from './linux-place';
import { output } from './run-process';

interface ListedQdisc {
  readonly kind: string;
  readonly handle: string;
  readonly dev: string;
  readonly root?: boolean;
  readonly parent?: string;
  readonly options?: { readonly default?: string; readonly limit?: number };
}

/** Queues on our interfaces. */
export async function observeQueues(place: LinuxPlace, tunnels: readonly string[]): Promise<HostObject[]> {
  const { prefix, look } = place;
  const listed = JSON.parse(
    await output([...prefix, 'tc', '-j', 'qdisc', 'show'], '', look),
  ) as ListedQdisc[];
  const names = new Set(tunnels);
  const mine = listed.filter((qdisc) => names.has(qdisc.dev));
  const roots = mine.filter((qdisc) => qdisc.root && qdisc.kind === 'htb' && qdisc.handle === '1:');
  return [
    ...roots.map(({ dev, options }): HostObject => ({
      kind: 'qdisc',
      key: `dev ${dev} root`,
      value: `handle 1: htb default ${(options?.default ?? '').replace(/^0x/, '')}`,
    })),
    ...(await classesOf(
      place,
      roots.map(({ dev }) => dev),
    )),
    ...mine
      .filter((qdisc) => qdisc.parent !== undefined)
      .map(({ dev, parent, handle, kind, options }): HostObject => ({
        kind: 'leaf',
        key: `dev ${dev} parent ${parent}`,
        value: `handle ${handle} ${kind}${options?.limit === undefined ? '' : ` limit ${options.limit}`}`,
      })),
  ];
}

/**
 * Classes of all interfaces by one process. tc prints them as text alone (no JSON for htb before iproute2
 * 6.3), without their interface: they come in the order asked, and the root qdisc of each before its classes.
 */
async function classesOf({ prefix, look }: LinuxPlace, devices: readonly string[]): Promise<HostObject[]> {
  if (devices.length === 0) return [];
  const asked = devices.map((dev) => `qdisc show dev ${dev}\nclass show dev ${dev}\n`).join('');
  const text = await output([...prefix, 'tc', '-force', '-batch', '-'], asked, look);
  const roots: HostObject[] = [];
  const others: HostObject[] = [];
  let device = '';
  let next = 0;
  for (const line of text.split('\n')) {
    if (/^qdisc \S+ \S+ root /.test(line)) device = devices[next++];
    const found = /^class htb (\S+) (root|parent (\S+)) .*?(?:prio (\d+) )?rate (\S+) ceil (\S+)/.exec(line);
    if (!found) continue;
    const [, id, at, parent, prio, least, most] = found;
    const key = `dev ${device} parent ${at === 'root' ? '1:' : parent} classid ${id}`;
    const rates = `rate ${rateOf(least)} ceil ${rateOf(most)}`;
    const value = at === 'root' ? `htb ${rates}` : `htb prio ${prio} ${rates}`;
    (at === 'root' ? roots : others).push({ kind: 'class', key, value });
  }
  // Parents before children, as they are made.
  return [...roots, ...others];
}

const units: Readonly<Record<string, number>> = { bit: 1e-3, Kbit: 1, Mbit: 1e3, Gbit: 1e6, Tbit: 1e9 };

/** `30Mbit` in the words of ours. */
function rateOf(text: string): string {
  const [, figure, unit] = /^([\d.]+)([A-Za-z]+)$/.exec(text) ?? [];
  return rate(Number(figure) * (units[unit] ?? NaN));
}
