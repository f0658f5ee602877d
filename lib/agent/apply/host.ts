import type { TunnelType } from '../../tunnels';
import type { HostObject } from './host-object';
import type { HostChange, HostPart, HostWatch } from './host-part';
import type { SeenPeer, TunnelOrder } from './tunnels/wireguard/seen-peer';

/** One change of one thing. */
export interface HostCommand {
  /** `add` fails where something of that name is already there; `change` and `delete` where nothing is. */
  readonly verb: 'add' | 'change' | 'delete';
  readonly object: HostObject;
  /** With `change`: what is there now. */
  readonly was?: HostObject;
}

/** A command that the host refused. */
export interface CommandFailure {
  /** Absent where looking at the host failed, not changing it. */
  readonly command?: HostCommand;
  /** The command in words, without secrets: `ip route add ...`. */
  readonly line: string;
  /** What the kernel or the tool said. */
  readonly message: string;
}

/** What the host can do; a lack that prevents forwarding is said in `missing`, in one sentence each. */
export interface HostCapabilities {
  /** Which part of it makes the tunnels of each type: `kernel`, or a program; null: none can. */
  readonly tunnels: Readonly<Record<TunnelType, string | null>>;
  readonly missing: readonly string[];
}

/** How a host is looked at. */
export interface HowToLook {
  /**
   * `atOnce`: everything side by side. `inTurn`: one process after another. `unhurried`: so slowly that
   * nothing else on the host is held up by it, for looking now and then.
   */
  readonly pace: 'atOnce' | 'inTurn' | 'unhurried';
  /** These parts alone; absent: all. What else is found on the way may be among it. */
  readonly parts?: ReadonlySet<HostPart>;
}

/** A machine that forwards packets. */
export interface Host {
  capabilities(): Promise<HostCapabilities>;
  /**
   * Everything of the agent's own that is there (see `numbers`), in no particular order.
   *
   * @param how default: everything, at once.
   */
  observe(how?: HowToLook): Promise<readonly HostObject[]>;
  /**
   * Runs commands in order. After the first failure the rest is not begun, but commands that were handed
   * over in the same batch may still have run.
   *
   * @param urgent at once, beside what else is under way: for nexthops, groups and the routes that use them.
   * @returns what failed; empty: all is done.
   */
  run(commands: readonly HostCommand[], urgent?: boolean): Promise<readonly CommandFailure[]>;
  /**
   * Runs all commands in order, whatever becomes of those before.
   *
   * @returns what failed; empty: all is done.
   */
  attempt(commands: readonly HostCommand[]): Promise<readonly CommandFailure[]>;
  /** Listens to changes of what is there, by whomever; `told` must not throw. */
  watch(told: (change: HostChange) => void): HostWatch;
  /** Peers by WireGuard interface. Quick: one process. @throws Error if the tool fails. */
  peers(): Promise<ReadonlyMap<string, readonly SeenPeer[]>>;
  /**
   * Has packets go to, and come from, one of the peers of an interface: a gateway under its other key.
   *
   * @returns what failed; undefined: it is done.
   */
  giveTo(order: TunnelOrder): Promise<CommandFailure | undefined>;
  /** Ends the helper processes. What was applied stays. */
  close(): Promise<void>;
}
