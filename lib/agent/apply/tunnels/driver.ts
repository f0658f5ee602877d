import type { GatewayState, GatewayTunnel } from '../../../gateway';
import type { HostSettings } from '../host-settings';
import type { LinuxPlace } from '../linux/linux-place';
import type { RunProcess } from '../linux/run-process';
import type { ListedTunnel, TunnelLink } from './tunnel-link';

/** How tunnels of one type are made on a gateway. `D`: what an interface of that type says. */
export interface TunnelDriver<D extends TunnelLink> {
  /** The interface that a gateway wants for one of its tunnels. */
  wanted(gateway: GatewayState, tunnel: GatewayTunnel, settings: HostSettings): D;
  /** The interface in words, without secrets: people read them in logs. */
  words(device: D): string;
  /** Does the interface say what is wanted, but for tunnel, MTU and state, which all have? */
  isAsWanted(there: D, wanted: D): boolean;
  /** Makes the interface. @throws Error with the words of the kernel or tool; then nothing is left of it */
  add(place: LinuxPlace, device: D): Promise<void>;
  /** Changes what differs, and leaves sessions that are up alone. @throws Error as `add` */
  change(place: LinuxPlace, to: D, from: D): Promise<void>;
  /** Removes the interface and what belongs to it. @throws Error as `add` */
  remove(place: LinuxPlace, name: string): Promise<void>;
  /** What is there of the listed interfaces, which all are of this type, in their order. */
  observe(place: LinuxPlace, links: readonly ListedTunnel[]): Promise<D[]>;
  /** Counters of all interfaces of this type, by name; empty if they cannot be read. */
  sample(run: RunProcess, utcMs: number): Promise<ReadonlyMap<string, TunnelSample>>;
  /** Which part of the host makes such tunnels (`kernel`, or a program); null: none can. */
  maker(place: Pick<LinuxPlace, 'prefix'>): Promise<string | null>;
  /** What the host lacks where `maker` is null, in one sentence. */
  readonly lack: string;
}

/** Counters of one tunnel. */
export interface TunnelSample {
  readonly peers: number;
  /** Since the last handshake, s; null: there was none. */
  readonly handshakeAgeSeconds: number | null;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}
