import type { DrainRequest } from './views';

export type DrainReading =
  | { readonly drain: DrainRequest }
  | { readonly status: 400 | 404; readonly fault: string; readonly next: string };

const example = 'send {"of": "link" | "gateway" | "region", "id": "<its id>"}';

/** Reads the body of a drain: exactly `of` and `id`, and something that this gateway knows. */
export function readDrain(body: unknown, drainable: ReadonlySet<string>): DrainReading {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { status: 400, fault: 'the body is no JSON object', next: example };
  }
  const { of, id, ...rest } = body as Record<string, unknown>;
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
  return { drain: { of, id } };
}
