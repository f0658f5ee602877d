import type { Host } from '../host';

export interface LinuxHostOptions {
  /**
   * Words before every command, for tests: they must end in `exec` of what follows and keep standard input
   * and the process id. Default none: the agent acts on the namespace that it runs in.
   */
  readonly prefix?: readonly string[];
  /** Folder for what must outlive the agent but not the machine. Default `/run/dwcp`. */
  readonly folder?: string;
}

/** The Linux machine that this runs on: iproute2, tc, nft, wg. Needs root. */
export function linuxHost(_options: LinuxHostOptions = {}): Host {
  throw new Error('linuxHost is not built yet');
}
