import type { WantedKeys } from '../net/keys';

/** The world, as far as the keys commands touch it. */
export interface KeysIo {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** May we ask: are stdin and stderr a terminal? */
  readonly isTty: boolean;
  /**
   * The network's name, its gateways and its tunnels, from a description or a plan document.
   *
   * @param path absolute.
   * @throws with a message for the user if the file cannot be read or does not check.
   */
  loadGateways(path: string): WantedNetwork | Promise<WantedNetwork>;
}

/** Who needs keys in a network. */
export interface WantedNetwork extends WantedKeys {
  /** The network's identity. */
  readonly network: string;
  /** Names that its key file may have: the first is the one to write. */
  readonly names: readonly string[];
}

/** A failure that the user is told about: its text goes to stderr as it is, so it never holds a secret. */
export class KeysFailure extends Error {
  constructor(
    message: string,
    /** 1 error, 2 wrong usage. */
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
    this.name = 'KeysFailure';
  }
}
