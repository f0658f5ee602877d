import type { JournalLine } from './journal-line';

/** What of a call to PutLogEvents AWS takes (API reference of CloudWatch Logs). */
const mostEvents = 10_000;
const mostBytes = 1_048_576;
const bytesOfEvent = 26;
const mostSpanMs = 23 * 3_600_000;

/** What waits to be sent, at most, bytes as AWS counts them. */
export const mostWaitingBytes = 8 * mostBytes;

/** Lines that are sent together, in the order of time; the cursor of the last that was read of them. */
export interface Batch {
  readonly lines: readonly JournalLine[];
  readonly cursor: string;
}

/** Lines in the order in which they were read, which wait to be sent. */
export class LineBuffer {
  private lines: JournalLine[] = [];
  private bytes = 0;

  get size(): number {
    return this.lines.length;
  }

  /** Beyond its bound nobody should add: whoever reads waits, and the journal on disk keeps what follows. */
  get isFull(): boolean {
    return this.bytes >= mostWaitingBytes;
  }

  /** Is there as much as one call takes? */
  get isBatch(): boolean {
    return this.bytes >= mostBytes / 2 || this.lines.length >= mostEvents / 2;
  }

  add(line: JournalLine): void {
    this.lines.push(line);
    this.bytes += weigh(line);
  }

  /** As many as one call takes, from the oldest; they stay until they are `dropped`. null: there is none. */
  peek(): Batch | null {
    if (this.lines.length === 0) return null;
    let [count, bytes] = [0, 0];
    let [first, last] = [Infinity, -Infinity];
    for (const line of this.lines) {
      bytes += weigh(line);
      first = Math.min(first, line.atUtcMs);
      last = Math.max(last, line.atUtcMs);
      const fits = count < mostEvents && bytes <= mostBytes && last - first <= mostSpanMs;
      if (count > 0 && !fits) break;
      count++;
    }
    const lines = this.lines.slice(0, count);
    const cursor = lines[count - 1].cursor;
    // A clock that was set back: AWS refuses what is out of order. Equal times stay in their order.
    return { lines: [...lines].sort((a, b) => a.atUtcMs - b.atUtcMs), cursor };
  }

  /** Takes the first lines away. */
  drop(count: number): void {
    for (const line of this.lines.slice(0, count)) this.bytes -= weigh(line);
    this.lines = this.lines.slice(count);
  }
}

function weigh({ text }: JournalLine): number {
  return Buffer.byteLength(text) + bytesOfEvent;
}
