/** An entry of the host's journal. */
export interface JournalLine {
  /** Names its place: what comes after it can be asked for. */
  readonly cursor: string;
  /** ms since 1970 in UTC. */
  readonly atUtcMs: number;
  /** JSON in one line: unit, priority (RFC 5424) and message. */
  readonly text: string;
  /** Counts entries of one journal without a gap (systemd 254 and later). null: it counts none. */
  readonly sequence: { readonly of: string; readonly number: number } | null;
}

/** Most characters of a message: an event of CloudWatch Logs has 256 KiB at most with most of its readers. */
const mostMessage = 64_000;

/** Fields that `readJournalLine` reads, for journalctl(1). */
export const journalFields: readonly string[] = [
  'MESSAGE',
  'PRIORITY',
  'SYSLOG_IDENTIFIER',
  '_SYSTEMD_UNIT',
  '_TRANSPORT',
];

/**
 * Reads a line of `journalctl --output=json` (systemd.journal-fields(7)). Text that is no UTF-8 comes as a
 * list of bytes, a field that an entry has twice as a list.
 *
 * @returns undefined: it is no entry.
 */
export function readJournalLine(json: string): JournalLine | undefined {
  let raw: Record<string, unknown>;
  try {
    raw = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof raw !== 'object' || raw === null) return undefined;
  const text = (name: string): string | undefined => textOf(raw[name]);
  const cursor = text('__CURSOR');
  const atUtcMs = Math.floor(Number(text('__REALTIME_TIMESTAMP')) / 1000);
  if (cursor === undefined || !Number.isSafeInteger(atUtcMs)) return undefined;
  const unit = text('_SYSTEMD_UNIT') ?? text('SYSLOG_IDENTIFIER') ?? text('_TRANSPORT') ?? '';
  const priority = Number(text('PRIORITY') ?? 6);
  const message = (text('MESSAGE') ?? '').slice(0, mostMessage);
  const [of, number] = [text('__SEQNUM_ID'), Number(text('__SEQNUM'))];
  return {
    cursor,
    atUtcMs,
    text: JSON.stringify({ unit, priority, message }),
    sequence: of !== undefined && Number.isSafeInteger(number) ? { of, number } : null,
  };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  if (value.every((byte) => typeof byte === 'number')) return Buffer.from(value).toString('utf8');
  return textOf(value.find((one) => typeof one === 'string'));
}
