import type { GatewayState } from '../../gateway';
import type { FetchView } from '../api';
import type { JournalFigures } from '../journal/send-journal';
import type { Clock } from './clock';
import { LoopDelay } from './loop-delay';
import { lastFetchUtcMs, readFetched } from './read-fetched';
import { readJournalFigures } from './run-logs';
import type { RunOptions } from './run-options';
import { takeSample, type Sample } from './sampler';

/** What was seen of this machine at the end of the last telemetry period. */
export class LastSample {
  /** undefined: nothing yet. */
  kernel: Sample | undefined;
  fetched: FetchView | null = null;
  fetchedUtcMs: number | null = null;
  journal: JournalFigures | null = null;
  loopDelaySeconds: { readonly mean: number; readonly most: number } = { mean: 0, most: 0 };
  readonly #delay = new LoopDelay();
  readonly #clock: Clock;
  readonly #options: RunOptions;
  readonly #logsRunDir: string;

  constructor(clock: Clock, options: RunOptions, logsRunDir: string) {
    this.#clock = clock;
    this.#options = options;
    this.#logsRunDir = logsRunDir;
  }

  /** The last attempt to fetch a bundle, as it stands now. */
  readFetched(): FetchView | null {
    return readFetched(this.#options.fetchDir, this.#options.bundle);
  }

  /** @throws Error if the kernel's counters cannot be read; then the last sample stays. */
  async take(gateway: GatewayState): Promise<Sample> {
    const clock = this.#clock;
    this.kernel = await takeSample(gateway, this.kernel, clock.nowMs(), clock.utcMs());
    this.fetched = this.readFetched();
    this.journal = gateway.operations?.logs ? readJournalFigures(this.#logsRunDir) : null;
    this.fetchedUtcMs = lastFetchUtcMs(this.#options.fetchDir);
    this.loopDelaySeconds = this.#delay.take();
    return this.kernel;
  }
}
