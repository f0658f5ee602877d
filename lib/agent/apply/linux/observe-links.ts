import { tunnelTypes } from '../../../tunnels';
import type { HostObject } from '../host-object';
import { aliasWord, loopbackDevice, returnDevice } from '../numbers';
import { driverOf, typeOfInterface } from '../tunnels/drivers';
import { tunnelObject } from '../wanted/wanted-tunnels';
import type { LinuxPlace } from './linux-place';
import { output } from './run-process';

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
  const [links, addresses] = await Promise.all([
    output([...prefix, 'ip', '-j', 'link', 'show'], '', look),
    output([...prefix, 'ip', '-j', 'address', 'show'], '', look),
  ]);
  const ours = (JSON.parse(links) as ListedLink[]).filter((link) => wordsOf(link)[0] === aliasWord);
  const names = new Set(ours.map((link) => link.ifname));
  const pair = ours.filter(({ ifname }) => ifname === loopbackDevice || ifname === returnDevice);
  const tunnels = await observeTunnels(
    place,
    ours.filter((link) => !pair.includes(link)),
  );
  return [
    ...pair.slice(0, 1).map((): HostObject => {
      const up = pair.length === 2 && pair.every(isUp);
      return { kind: 'device', key: loopbackDevice, value: up ? 'up' : 'down' };
    }),
    ...tunnels,
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

async function observeTunnels(place: LinuxPlace, links: readonly ListedLink[]): Promise<HostObject[]> {
  const listed = links.map((link) => ({
    name: link.ifname,
    mtu: link.mtu,
    up: isUp(link),
    words: wordsOf(link).slice(1),
  }));
  const found = await Promise.all(
    tunnelTypes.map((type) => {
      const own = listed.filter(({ name }) => typeOfInterface(name) === type);
      return own.length === 0 ? [] : driverOf(type).observe(place, own);
    }),
  );
  return found.flat().map(tunnelObject);
}
