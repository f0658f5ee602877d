/** Longest id of a network or region. */
export const longestId = 20;

/**
 * An id of a network or region from a name in any script: `São Paulo` becomes `sao-paulo`. Empty if nothing
 * is left of it.
 *
 * @param lead goes before a name that does not begin with a letter; empty: all before its first letter goes.
 */
export function idFromName(name: string, lead = ''): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  const lettered = lead !== '' && /^\d/.test(words) ? lead + words : words.replace(/^[^a-z]+/, '');
  return lettered.slice(0, longestId).replace(/-+$/, '');
}
