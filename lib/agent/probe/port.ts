/** Time as the prober sees it; a test has its own. */
export interface ProbeClock {
  /** Monotonic, ms, as fine as the machine gives it. */
  now(): number;
  /** Ms since 1970 at a monotonic instant; never goes back while the process lives. */
  unixMs(nowMs: number): number;
  /** Calls back once, not before `delayMs`; the result cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back once what the sockets hold has been delivered, at least some of it. */
  afterPoll(callback: () => void): void;
}

/** A UDP socket. */
export interface ProbePort {
  readonly port: number;
  /** Hands the packet to the kernel; one that cannot be sent is lost. `packet` may be written over later. */
  send(packet: Uint8Array, port: number, address: string): void;
  close(): Promise<void>;
}

export type Receive = (packet: Buffer, address: string, port: number) => void;

/**
 * Opens a socket on all addresses. @param port 0: any free one.
 *
 * @throws the system's error, such as EADDRINUSE.
 */
export type OpenPort = (port: number, receive: Receive) => Promise<ProbePort>;
