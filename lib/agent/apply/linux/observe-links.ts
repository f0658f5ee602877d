import type { HostObject, TunnelDevice, TunnelDevicePeer } from '../host-object';
import { aliasWord, loopbackDevice, returnDevice } from '../numbers';
import { Secret } from '../secret';
import { tunnelObject } from '../wanted-tunnels';
import type { LinuxPlace } from './linux-place';
import { output } from './run-process';
import { wireguardRows } from './see-peers';

interface ListedLink {
  readonly ifname: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly ifalias?: string;
  readonly addr_info?: readonly {
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
    readonly scope: string;
    readonly preferred_life_time: number;
  }[];
}

/** Our interfaces, known by their alias, and the addresses on them. */
export async function observeLinks(place: LinuxPlace): Promise<HostObject[]> {
  const { prefix, look } = place;
  const [links, addresses, devices] = await Promise.all([
    output([...prefix, 'ip', '-j', 'link', 'show'], '', look),
    output([...prefix, 'ip', '-j', 'address', 'show'], '', look),
    wireguardRows(place, look),
  ]);
  const ours = (JSON.parse(links) as ListedLink[]).filter((link) => wordsOf(link)[0] === aliasWord);
  const names = new Set(ours.map((link) => link.ifname));
  const pair = ours.filter(({ ifname }) => ifname === loopbackDevice || ifname === returnDevice);
  return [
    ...pair.slice(0, 1).map((): HostObject => {
      const up = pair.length === 2 && pair.every(isUp);
      return { kind: 'device', key: loopbackDevice, value: up ? 'up' : 'down' };
    }),
    ...ours.filter((link) => !pair.includes(link)).map((link) => tunnelObject(tunnelOf(link, devices))),
    ...(JSON.parse(addresses) as ListedLink[])
      .filter((link) => names.has(link.ifname))
      .flatMap((link) =>
        (link.addr_info ?? [])
          .filter(({ scope }) => scope === 'global')
          .map(({ local, prefixlen, preferred_life_time: preferred }): HostObject => ({
            kind: 'address',
            key: `${local}/${prefixlen} dev ${link.ifname}`,
            value: preferred === 0 ? 'preferred_lft 0' : '',
          })),
      ),
  ];
}

function wordsOf({ ifalias = '' }: ListedLink): string[] {
  return ifalias.split(' ');
}

function isUp({ flags }: ListedLink): boolean {
  return flags.includes('UP');
}

/** Columns of `wg show all dump` (wg(8)); the first line of an interface is its own, the others are peers. */
function tunnelOf(link: ListedLink, devices: readonly (readonly string[])[]): TunnelDevice {
  const [, tunnel = '', endpoint = 'none'] = wordsOf(link);
  const mine = devices.filter(([name]) => name === link.ifname);
  const own = mine.find((columns) => columns.length === 5);
  const peers = mine.filter((columns) => columns.length === 9);
  const key = (text: string | undefined) => (text === undefined || text === '(none)' ? null : text);
  const privateKey = key(own?.[1]);
  const holder = peers.find((columns) => columns[4] === '0.0.0.0/0,::/0');
  const other = holder && peers.find((columns) => columns[4] === '(none)');
  const strays = peers.filter((columns) => columns !== holder && columns !== other).map(([, stray]) => stray);
  return {
    name: link.ifname,
    tunnel,
    mtu: link.mtu,
    up: isUp(link),
    listenPort: Number(own?.[3] ?? 0),
    publicKey: privateKey === null ? null : key(own?.[2]),
    privateKey: privateKey === null ? null : new Secret(privateKey),
    peer: holder ? peerOf(holder, endpoint) : null,
    ...(other && { other: peerOf(other, endpoint) }),
    ...(strays.length > 0 && { strays }),
  };
}

/** @param endpoint that was set; the peer may have roamed since. */
function peerOf(columns: readonly string[], endpoint: string): TunnelDevicePeer {
  const [, publicKey, preshared, , , , , , keepalive] = columns;
  return {
    publicKey,
    endpoint: endpoint === 'none' ? null : endpoint,
    presharedKey: preshared === '(none)' ? null : new Secret(preshared),
    keepaliveSeconds: keepalive === 'off' ? 0 : Number(keepalive),
  };
}
