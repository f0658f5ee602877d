import { runProcess } from '../../linux/run-process';
import type { LinuxPlace } from '../../linux/linux-place';
import { Secret } from '../../secret';
import type { TunnelDriver, TunnelSample } from '../driver';
import type { ListedTunnel } from '../tunnel-link';
import { deviceWords, isDeviceAsWanted, type WireguardDevice, type WireguardPeer } from './device';
import { listDevices, parseDump, type ListedDevice, type ListedPeer } from './dump';
import { addTunnel, changeTunnel, deleteTunnel } from './link';
import { allAddresses } from './setconf';
import { wantedDevice } from './wanted';

/** WireGuard by the kernel, or else by wireguard-go. */
export const wireguardDriver: TunnelDriver<WireguardDevice> = {
  wanted: wantedDevice,
  words: deviceWords,
  isAsWanted: isDeviceAsWanted,
  add: addTunnel,
  change: changeTunnel,
  remove: deleteTunnel,
  async observe(place, links) {
    const devices = await listDevices(place);
    return links.map((link) => seenDevice(link, devices.get(link.name)));
  },
  async sample(run, utcMs) {
    const { stdout } = await run(['wg', 'show', 'all', 'dump']);
    return new Map([...parseDump(stdout)].map(([name, device]) => [name, sampleOf(device, utcMs)]));
  },
  maker: findMaker,
  lack: 'no WireGuard: the kernel has none, and wireguard-go or /dev/net/tun is not there',
};

function seenDevice(link: ListedTunnel, listed: ListedDevice | undefined): WireguardDevice {
  const { name, mtu, up } = link;
  const [tunnel = '', endpoint = 'none'] = link.words;
  const { privateKey = null, publicKey = null, listenPort = 0, peers = [] } = listed ?? {};
  const holder = peers.find(({ allowedIps }) => allowedIps === allAddresses);
  const other = holder && peers.find(({ allowedIps }) => allowedIps === '');
  const strays = peers.filter((peer) => peer !== holder && peer !== other);
  return {
    type: 'wireguard',
    name,
    tunnel,
    mtu,
    up,
    listenPort,
    publicKey: privateKey === null ? null : publicKey,
    privateKey: privateKey === null ? null : new Secret(privateKey),
    peer: holder ? seenPeer(holder, endpoint) : null,
    ...(other && { other: seenPeer(other, endpoint) }),
    ...(strays.length > 0 && { strays: strays.map((stray) => stray.publicKey) }),
  };
}

/** @param endpoint that was set; the peer may have roamed since. */
function seenPeer(listed: ListedPeer, endpoint: string): WireguardPeer {
  const { publicKey, presharedKey, keepaliveSeconds } = listed;
  return {
    publicKey,
    endpoint: endpoint === 'none' ? null : endpoint,
    presharedKey: presharedKey === null ? null : new Secret(presharedKey),
    keepaliveSeconds,
  };
}

function sampleOf({ peers }: ListedDevice, utcMs: number): TunnelSample {
  const sum = (of: (peer: ListedPeer) => number) => peers.reduce((total, peer) => total + of(peer), 0);
  const last = peers.map((peer) => peer.handshakeSeconds).findLast((seconds) => seconds > 0);
  return {
    peers: peers.length,
    handshakeAgeSeconds: last === undefined ? null : Math.max(0, utcMs / 1000 - last),
    receivedBytes: sum((peer) => peer.receivedBytes),
    sentBytes: sum((peer) => peer.sentBytes),
  };
}

/** An interface of this name is made to see whether it can be, and removed. */
const trial = 'dwcp-trial';

async function findMaker({ prefix }: Pick<LinuxPlace, 'prefix'>): Promise<string | null> {
  const succeeds = async (...command: string[]) => (await runProcess([...prefix, ...command])).code === 0;
  if (await succeeds('ip', 'link', 'add', trial, 'type', 'wireguard')) {
    await runProcess([...prefix, 'ip', 'link', 'delete', trial]);
    return 'kernel';
  }
  const go = await succeeds('sh', '-c', 'command -v wireguard-go && test -c /dev/net/tun');
  return go ? 'wireguard-go' : null;
}
