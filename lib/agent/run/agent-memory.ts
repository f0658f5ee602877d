import {
  forgetRotation,
  readGoodEndpoints,
  readRotation,
  rotationOf,
  writeGoodEndpoints,
  writeRotation,
  type GoodEndpoints,
  type RotationMemory,
} from '../peers';
import type { AgentState } from '../decide';
import { keepApplied, tryReadApplied, type AppliedRecord } from '../bundle/applied-record';
import { arrivalsName, readArrivals, writeArrivals, type ArrivalMemory } from './earlier-arrivals';
import { readKeptDrains, writeKeptDrains } from './kept-drains';
import type { Bundle } from '../bundle/read-bundle';
import type { StateKeeper } from './state-keeper';

/** What an agent remembers over restarts, in files; what cannot be written is tried again by the keeper. */
export class AgentMemory {
  /** What was applied last; null: nothing. */
  applied: AppliedRecord | null;
  /** Keys of before a rotation that was finished here; null: there was none lately. */
  rotation: RotationMemory | null;
  readonly #keeper: StateKeeper;
  readonly #stateDir: string;
  readonly #runDir: string;

  constructor(
    keeper: StateKeeper,
    { stateDir, runDir }: { readonly stateDir: string; readonly runDir: string },
    log: (message: string) => void,
  ) {
    this.#keeper = keeper;
    this.#stateDir = stateDir;
    this.#runDir = runDir;
    // What is installed was judged when it was; only a reload is held against what was applied then.
    const { record, damaged } = tryReadApplied(stateDir, runDir);
    if (damaged) log(`${damaged} is damaged: what is installed is taken, and it is written anew`);
    this.applied = record;
    this.rotation = readRotation(stateDir);
  }

  isApplied({ gateway: { generation, planDigest } }: Bundle): boolean {
    return this.applied?.generation === generation && this.applied.planDigest === planDigest;
  }

  keepApplied({ gateway, sealed, earlier }: Bundle): void {
    const rotation = rotationOf(gateway, sealed);
    if (rotation || !earlier) this.keepRotation(rotation);
    const { networkIdentity, identity, generation, planDigest } = gateway;
    const record = { network: networkIdentity, gateway: identity, generation, planDigest };
    this.applied = record;
    this.#keeper.keep('applied.json', () => keepApplied(this.#stateDir, this.#runDir, record));
  }

  keepRotation(rotation: RotationMemory | null): void {
    this.rotation = rotation;
    this.#keeper.keep('rotation.json', () =>
      rotation ? writeRotation(this.#stateDir, rotation) : forgetRotation(this.#stateDir),
    );
  }

  /** Endpoints that answered. */
  readonly endpoints = {
    read: (): GoodEndpoints => readGoodEndpoints(this.#stateDir),
    write: (good: GoodEndpoints): void =>
      this.#keeper.keep('endpoints-good.json', () => writeGoodEndpoints(this.#stateDir, good)),
  };

  /** What plans let in. */
  readonly arrivals = {
    read: (): ArrivalMemory | null => readArrivals(this.#stateDir),
    write: (memory: ArrivalMemory): void =>
      this.#keeper.keep(arrivalsName, () => writeArrivals(this.#stateDir, memory)),
  };

  readDrains(): ReturnType<typeof readKeptDrains> {
    return readKeptDrains(this.#stateDir);
  }

  keepDrains(state: AgentState): void {
    this.#keeper.keep('drains.json', () => writeKeptDrains(this.#stateDir, state));
  }
}
