import type { DrainRequest } from './views';

export type DrainReading =
  | { readonly drain: DrainRequest }
  | { readonly status: 400 | 404; readonly fault: string; readonly next: string };

const example = 'send {"of": "link" | "gateway" | "region", "id": "<its id>"}';

/** `90s`, `30m`, `2h`, `1d`, in seconds; undefined: it is no time for a drain. */
export function tryDrainTime(text: string): number | undefined {
  const found = /^(\d{1,7})\s?(s|m|min|h|d)$/.exec(text);
  if (!found) return undefined;
  const unit = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 }[found[2] as 's' | 'm' | 'min' | 'h' | 'd'];
  const seconds = Number(found[1]) * unit;
  return seconds >= 1 && seconds <= mostSeconds ? seconds : undefined;
}

/** A month: what is drained for longer belongs in the description. */
const mostSeconds = 31 * 86_400;

/** Reads a drain: exactly `of`, `id` and perhaps `forSeconds`, of something that this gateway knows. */
export function readDrain(body: unknown, drainable: ReadonlySet<string>): DrainReading {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { status: 400, fault: 'the body is no JSON object', next: example };
  }
  const { of, id, forSeconds, ...rest } = body as Record<string, unknown>;
  const [more] = Object.keys(rest);
  if (more !== undefined) return { status: 400, fault: `'${more.slice(0, 50)}' is unknown`, next: example };
  if (of !== 'link' && of !== 'gateway' && of !== 'region') {
    return { status: 400, fault: "'of' is neither link, gateway nor region", next: example };
  }
  if (typeof id !== 'string' || id === '') return { status: 400, fault: "'id' is missing", next: example };
  if (!drainable.has(`${of} ${id}`)) {
    const near = [...drainable]
      .filter((place) => place.startsWith(`${of} `))
      .map((p) => p.slice(of.length + 1));
    const next =
      near.length === 0 ? `no ${of} can be drained here` : `there are ${near.slice(0, 20).join(', ')}`;
    return { status: 404, fault: `this gateway has nothing to do with ${of} '${id.slice(0, 100)}'`, next };
  }
  if (forSeconds === undefined) return { drain: { of, id } };
  if (typeof forSeconds !== 'number' || !(forSeconds >= 1 && forSeconds <= mostSeconds)) {
    const next = `give 1 to ${mostSeconds}, or leave it out`;
    return { status: 400, fault: "'forSeconds' is no time for a drain", next };
  }
  return { drain: { of, id, forSeconds } };
}
