import type { ProbeClock } from './port';

/** Packets that libuv reads from a socket in one turn; as many say that more may wait. */
const packetsPerTurn = 32;
/** Turns at most in which a decision waits for the socket to run dry. */
const mostTurns = 16;

/**
 * Puts decisions off until the sockets have nothing left for us: timers run before them in each turn of the
 * event loop, so an answer that has arrived may not have been read.
 */
export class DrySocket {
  readonly #clock: ProbeClock;
  readonly #decide: () => void;
  #read = 0;
  #turns = 0;
  #waiting = false;

  constructor(clock: ProbeClock, decide: () => void) {
    this.#clock = clock;
    this.#decide = decide;
  }

  /** A packet was read, by whichever socket. */
  noteRead(): void {
    this.#read++;
  }

  /** A timer has fired: what is read from now on counts. */
  startTurn(): void {
    this.#read = 0;
  }

  /** Decides once all is read, soon. */
  whenDry(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#turns = 0;
    this.#clock.afterPoll(this.#look);
  }

  readonly #look = (): void => {
    if (this.#read >= packetsPerTurn && ++this.#turns < mostTurns) {
      this.#read = 0;
      this.#clock.afterPoll(this.#look);
      return;
    }
    this.#waiting = false;
    this.#decide();
  };
}
