import type { AttributeValue } from './topology-graph';

/** Attributes as files of graphs hold them: without what is not known, and lists as words with spaces. */
export function flatAttributes(
  attributes: Readonly<Record<string, AttributeValue>>,
): Record<string, string | number | boolean> {
  const known = Object.entries(attributes).filter(([, value]) => value !== null);
  return Object.fromEntries(
    known.map(([name, value]) => [name, Array.isArray(value) ? value.join(' ') : value]),
  ) as Record<string, string | number | boolean>;
}
