/** Bytes that a tunnel adds to a packet, by the family of its outer addresses. */
export interface TunnelOverhead {
  readonly ipv4: number;
  readonly ipv6: number;
}

/** The facts of a type of tunnel, as far as planning and emitting ask for them. */
export interface TunnelKind {
  /** As people write it. */
  readonly title: string;
  /** Interfaces are called `<prefix>-<peer>`; 2 or 3 letters. */
  readonly prefix: string;
  readonly overhead: TunnelOverhead;
  /** Bytes inside, where the description gives none. */
  readonly defaultMtu: number;
  /** Interval of keepalives where the description gives none, s. */
  readonly defaultKeepaliveSeconds: number;
  /** Debian packages that a gateway needs for it, by the program that they bring. */
  readonly packages: Readonly<Record<string, string>>;
}
