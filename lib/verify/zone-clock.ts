const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

/** How far a zone's clocks are ahead of UTC, ms: what they show, less what UTC shows. */
export function clockOffset(zone: string, time: number): number {
  let known = offsets.get(zone);
  if (!known) offsets.set(zone, (known = new Map()));
  let offset = known.get(time);
  if (offset === undefined) known.set(time, (offset = shownOffset(zone, time)));
  return offset;
}

/**
 * How a zone's clocks go from the beginning of one UTC day to the end of another, as text: what they are
 * ahead of UTC at first, and each change with its time from the first day's beginning. A change and its
 * reverse between two Thursdays are not seen; no zone has had such.
 */
export function clockTurns(zone: string, fromDay: number, toDay: number): string {
  const parts = [dayOffset(zone, fromDay)];
  for (let day = fromDay; day <= toDay; day++) {
    const next = dayOffset(zone, day + 1);
    if (next === dayOffset(zone, day)) continue;
    let [low, high] = [day * 86_400, (day + 1) * 86_400];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (clockOffset(zone, middle * 1000) === next) high = middle;
      else low = middle;
    }
    parts.push(high - fromDay * 86_400, next);
  }
  return parts.join();
}

/** At the beginning of a UTC day; looked up where the week's two ends differ. */
function dayOffset(zone: string, day: number): number {
  const week = Math.floor(day / 7) * 7;
  const first = clockOffset(zone, week * dayMs);
  return first === clockOffset(zone, (week + 7) * dayMs) ? first : clockOffset(zone, day * dayMs);
}

function shownOffset(zone: string, time: number): number {
  let format = formats.get(zone);
  if (!format) {
    const two = '2-digit';
    const fields = { year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const;
    format = new Intl.DateTimeFormat('en-US', { ...fields, timeZone: zone, hourCycle: 'h23' });
    formats.set(zone, format);
  }
  const [month, day, year, hour, minute, second] = format.format(time).match(/\d+/g)!.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}
