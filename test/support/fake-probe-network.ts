import type { OpenPort, ProbeClock, ProbePort, Receive } from '../../lib/agent/probe';

/** What becomes of a packet on its way: its delay in ms, or null where it is lost. */
export type Fate = (packet: Buffer, atMs: number) => number | null;

interface Packet {
  readonly bytes: Buffer;
  readonly from: string;
  readonly fromPort: number;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Packets that libuv reads from one socket in a turn. */
const packetsPerTurn = 32;

/**
 * Hosts with virtual time: clocks, event loops that turn as libuv's do (timers, then at most 32 packets of
 * each socket, then immediates) and ways between addresses. Nothing happens but in `run`.
 */
export class FakeProbeNetwork {
  nowMs = 0;
  #order = 0;
  readonly #events: Event[] = [];
  readonly #ways = new Map<string, { readonly source: string; readonly host: FakeHost; fate: Fate }>();

  /** @param clockOffsetMs how far its wall clock is ahead. */
  host(clockOffsetMs = 0): FakeHost {
    return new FakeHost(this, clockOffsetMs);
  }

  /** Makes `destination` lead from one host to another; packets carry `source`. Replaces what was there. */
  way(from: FakeHost, source: string, destination: string, to: FakeHost, fate: Fate = () => 1): void {
    this.#ways.set(`${from.id} ${destination}`, { source, host: to, fate });
  }

  /** Changes the fate of packets on a way. */
  fate(from: FakeHost, destination: string, fate: Fate): void {
    this.#ways.get(`${from.id} ${destination}`)!.fate = fate;
  }

  at(atMs: number, run: () => void): Event {
    const event = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, run };
    let i = this.#events.length;
    while (i > 0 && (this.#events[i - 1].atMs - event.atMs || this.#events[i - 1].order - event.order) < 0)
      i--;
    this.#events.splice(i, 0, event);
    return event;
  }

  cancel(event: Event): void {
    const i = this.#events.indexOf(event);
    if (i !== -1) this.#events.splice(i, 1);
  }

  /** Lets time pass until `untilMs`, what is due then included. */
  run(untilMs: number): void {
    for (;;) {
      const next = this.#events[this.#events.length - 1];
      if (next === undefined || next.atMs > untilMs) break;
      this.#events.pop();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }

  /** Hands bytes to whoever holds the destination, as the network does. */
  carry(from: FakeHost, fromPort: number, bytes: Uint8Array, port: number, destination: string): void {
    const way = this.#ways.get(`${from.id} ${destination}`);
    if (!way) return;
    const packet = Buffer.from(bytes);
    const delay = way.fate(packet, this.nowMs);
    if (delay === null) return;
    this.at(this.nowMs + delay, () => way.host.arrive(port, { bytes: packet, from: way.source, fromPort }));
  }
}

/** A machine of a fake network. */
export class FakeHost {
  static #count = 0;
  readonly id = FakeHost.#count++;
  readonly #ports = new Map<number, { readonly receive: Receive; readonly inbox: Packet[] }>();
  readonly #due: (() => void)[] = [];
  readonly #immediates: (() => void)[] = [];
  #turning = false;
  #busyUntilMs = 0;
  #nextPort = 40_000;

  constructor(
    readonly network: FakeProbeNetwork,
    readonly clockOffsetMs: number,
  ) {}

  /** The process does nothing until then: another uses the processor. */
  stall(untilMs: number): void {
    this.#busyUntilMs = Math.max(this.#busyUntilMs, untilMs);
  }

  readonly clock: ProbeClock = {
    now: () => this.network.nowMs,
    unixMs: (nowMs) => 1_795_600_000_000 + this.clockOffsetMs + nowMs,
    after: (delayMs, callback) => {
      // Node's timers count whole ms from a clock that it reads once a turn.
      let live = true;
      const event = this.network.at(Math.floor(this.network.nowMs) + Math.max(1, Math.trunc(delayMs)), () => {
        this.#due.push(() => {
          if (live) callback();
        });
        this.#wake();
      });
      return () => {
        live = false;
        this.network.cancel(event);
      };
    },
    afterPoll: (callback) => {
      this.#immediates.push(callback);
      this.#wake();
    },
  };

  readonly open: OpenPort = (wanted, receive) => {
    const port = wanted === 0 ? this.#nextPort++ : wanted;
    if (this.#ports.has(port)) return Promise.reject(new Error('EADDRINUSE'));
    this.#ports.set(port, { receive, inbox: [] });
    const opened: ProbePort = {
      port,
      send: (packet, to, address) => this.network.carry(this, port, packet, to, address),
      close: () => {
        this.#ports.delete(port);
        return Promise.resolve();
      },
    };
    return Promise.resolve(opened);
  };

  /** A packet reaches the socket's buffer. */
  arrive(port: number, packet: Packet): void {
    const open = this.#ports.get(port);
    if (!open) return;
    open.inbox.push(packet);
    this.#wake();
  }

  #wake(): void {
    if (this.#turning) return;
    this.#turning = true;
    this.network.at(Math.max(this.network.nowMs, this.#busyUntilMs), () => this.#turn());
  }

  #turn(): void {
    if (this.network.nowMs < this.#busyUntilMs) {
      this.network.at(this.#busyUntilMs, () => this.#turn());
      return;
    }
    for (const run of this.#due.splice(0)) run();
    for (const { receive, inbox } of [...this.#ports.values()]) {
      for (const { bytes, from, fromPort } of inbox.splice(0, packetsPerTurn)) receive(bytes, from, fromPort);
    }
    for (const run of this.#immediates.splice(0)) run();
    this.#turning = false;
    const waiting = [...this.#ports.values()].some(({ inbox }) => inbox.length > 0);
    if (waiting || this.#immediates.length > 0 || this.#due.length > 0) this.#wake();
  }
}
