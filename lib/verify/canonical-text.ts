import type { PlanDocument } from '../plan';

/**
 * The text whose hash is a plan's digest: JSON with keys in code unit order and numbers as ECMAScript prints
 * them; the two outer levels stand one entry a line, indented by two spaces each, what lies deeper on one
 * line with `, ` and `: ` between. Ends with a line feed.
 *
 * @throws TypeError for what JSON cannot hold.
 */
export function canonicalText(value: unknown): string {
  return `${write(value, '')}\n`;
}

function write(value: unknown, indent: string | null): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return `${value + 0}`;
  if (typeof value !== 'object') throw new TypeError(`${typeof value} is no JSON`);
  const inner = indent === null || indent.length >= 2 ? null : `${indent}  `;
  const list = Array.isArray(value);
  const parts = list
    ? value.map((v) => write(v, inner))
    : Object.keys(value)
        .sort()
        .map((k) => `${JSON.stringify(k)}: ${write((value as Record<string, unknown>)[k], inner)}`);
  const [open, close] = list ? '[]' : '{}';
  if (parts.length === 0) return open + close;
  if (indent === null || indent.length > 2) return `${open}${parts.join(', ')}${close}`;
  const pad = `${indent}  `;
  return `${open}\n${pad}${parts.join(`,\n${pad}`)}\n${indent}${close}`;
}

const texts = new WeakMap<PlanDocument, string>();

/** A plan's canonical text without its digest, made once. */
export function sealedText(plan: PlanDocument): string {
  let text = texts.get(plan);
  if (text === undefined) {
    const body: Partial<PlanDocument> = { ...plan };
    Reflect.deleteProperty(body, 'digest');
    texts.set(plan, (text = canonicalText(body)));
  }
  return text;
}

/** The same without its generation: what a lock file counts. */
export function countedText(plan: PlanDocument): string {
  // No text holds a line feed: JSON escapes it.
  return sealedText(plan).replace(/^ {2}"generation": \d+,\n/m, '');
}
