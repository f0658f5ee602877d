import type { LogStream } from './cloudwatch-logs';
import type { JournalLine } from './journal-line';
import { LineBuffer } from './line-buffer';

/** What became of a journal since this began. */
export interface JournalFigures {
  readonly sent: number;
  /** Never sent: the journal lost them before they were read, or AWS refused them for good. */
  readonly dropped: number;
  /** Read, and not sent yet. */
  readonly waiting: number;
  /** ms since 1970 in UTC; null: nothing was sent yet. */
  readonly sentUtcMs: number | null;
  /** Why nothing can be sent now; null: it can. */
  readonly fault: string | null;
}

export interface JournalParts {
  /** Entries as they come; ends when there are no more. Not read while as much waits as may. */
  readonly lines: AsyncIterable<JournalLine>;
  readonly stream: LogStream;
  /** All up to this one has been sent, or dropped. */
  readonly keepCursor: (cursor: string) => void;
  /** After each attempt. */
  readonly tell: (figures: JournalFigures) => void;
  /** ms since 1970. */
  readonly nowUtcMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** Random numbers from 0 to 1. */
  readonly random: () => number;
  readonly settings?: Partial<JournalSettings>;
}

export interface JournalSettings {
  /** How long lines are gathered, ms. */
  readonly gatherMs: number;
  /** The first wait after a failure; doubles with each, ms. */
  readonly retryMs: number;
  readonly mostRetryMs: number;
}

export const defaultJournalSettings: JournalSettings = {
  gatherMs: 2000,
  retryMs: 500,
  mostRetryMs: 60_000,
};

/**
 * Sends a journal, in order and each line at least once. While nobody takes lines, as many wait as the bound
 * allows; then the journal is not read on, and keeps them on its disk. Ends when lines end and all are sent,
 * or with `stop`.
 */
export function sendJournal(parts: JournalParts): {
  readonly done: Promise<void>;
  /** Sends once more what waits, if nothing failed last, and ends. */
  stop(): Promise<void>;
} {
  const { lines, stream, keepCursor, tell, nowUtcMs, wait, random } = parts;
  const settings = { ...defaultJournalSettings, ...parts.settings };
  const buffer = new LineBuffer();
  let figures: JournalFigures = { sent: 0, dropped: 0, waiting: 0, sentUtcMs: null, fault: null };
  let failures = 0;
  let ended = false;
  let stopped = false;
  let sequence: JournalLine['sequence'] = null;

  function count(line: JournalLine): void {
    const { of, number } = line.sequence ?? {};
    const gap = number !== undefined && of === sequence?.of ? number - sequence!.number - 1 : 0;
    if (gap > 0) figures = { ...figures, dropped: figures.dropped + gap };
    if (line.sequence) sequence = line.sequence;
  }

  async function read(): Promise<void> {
    try {
      for await (const line of lines) {
        count(line);
        buffer.add(line);
        while (buffer.isFull && !stopped) await wait(50);
        if (stopped) break;
      }
    } finally {
      ended = true;
    }
  }

  /** @returns whether one batch went. */
  async function sendOne(): Promise<boolean> {
    const batch = buffer.peek();
    if (!batch) return false;
    try {
      const refused = await stream.send(batch.lines);
      buffer.drop(batch.lines.length);
      failures = 0;
      figures = {
        sent: figures.sent + batch.lines.length - refused,
        dropped: figures.dropped + refused,
        waiting: buffer.size,
        sentUtcMs: nowUtcMs(),
        fault: null,
      };
      keepCursor(batch.cursor);
    } catch (error) {
      failures++;
      const fault = error instanceof Error ? error.message : String(error);
      figures = { ...figures, waiting: buffer.size, fault };
    }
    tell(figures);
    return failures === 0;
  }

  async function write(): Promise<void> {
    while (!stopped && !(ended && buffer.size === 0)) {
      const retryMs = Math.min(settings.mostRetryMs, settings.retryMs * 2 ** Math.min(20, failures - 1));
      const pauseMs = failures > 0 ? retryMs * (0.5 + random() / 2) : settings.gatherMs;
      // In small steps, so that a full batch goes at once, and an end is seen.
      for (let leftMs = pauseMs; leftMs > 0 && !stopped; leftMs -= 50) {
        if (failures === 0 && (buffer.isBatch || ended)) break;
        await wait(Math.min(50, leftMs));
      }
      if (!stopped) await sendOne();
    }
  }

  const reading = read();
  const writing = write();
  const done = Promise.all([reading, writing]).then(() => undefined);
  return {
    done,
    async stop() {
      stopped = true;
      await writing;
      while (failures === 0 && (await sendOne()));
    },
  };
}
