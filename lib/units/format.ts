/** `1 Mbps`, `2.5 Gbps`, `400 Gbps`: at most three significant decimals, no trailing zeros. */
export function formatBandwidth(mbps: number): string {
  if (mbps >= 1e6) return `${trim(mbps / 1e6, 3)} Tbps`;
  if (mbps >= 1e3) return `${trim(mbps / 1e3, 3)} Gbps`;
  return `${trim(mbps, 3)} Mbps`;
}

/** `0.35 ms`, `145.5 ms`: two decimals below 10 ms, one from there on. */
export function formatLatency(ms: number): string {
  return `${trim(ms, ms < 10 ? 2 : 1)} ms`;
}

/** `45 s`, `90 min`, `4 h`, `7 d`: the largest unit that gives a whole number. */
export function formatDuration(seconds: number): string {
  for (const [unit, size] of [
    ['d', 86400],
    ['h', 3600],
    ['min', 60],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size} ${unit}`;
  }
  return `${trim(seconds, 3)} s`;
}

/** `1,234.50 USD`. */
export function formatMoney(usd: number): string {
  return `${groupThousands(usd.toFixed(2))} USD`;
}

/** `0.0200 USD/GB`; `unknown` for null, never zero. */
export function formatPrice(usdPerGb: number | null): string {
  return usdPerGb === null ? 'unknown' : `${trim(usdPerGb, 4)} USD/GB`;
}

/** `12.5 %` from 0.125. */
export function formatRatio(ratio: number): string {
  return `${trim(ratio * 100, 3)} %`;
}

/** `1,234,567.5`. */
export function groupThousands(figure: string): string {
  const [whole, decimals] = figure.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

/** A count with its noun: `1 link`, `12 links`, `1,056 routes`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${groupThousands(String(n))} ${n === 1 ? singular : plural}`;
}

function trim(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return groupThousands(text.includes('.') ? text.replace(/\.?0+$/, '') : text);
}

/**
 * The first `most` of a list and how many more there are: `a, b and 3 more`, with a noun `and 3 more links`.
 * Where there are no more, all of it.
 */
export function listFirst(items: readonly string[], most: number, noun?: string): string {
  const rest = items.length - most;
  if (rest <= 0) return items.join(', ');
  const more = noun === undefined ? `${rest} more` : count(rest, `more ${noun}`);
  return `${items.slice(0, most).join(', ')} and ${more}`;
}
