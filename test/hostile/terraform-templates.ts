/**
 * What Terraform would evaluate in a text: the contents of its `${...}` and `%{...}`, escapes (`$${`,
 * `%%{`) left out. Written from the HCL specification, not from our escaper.
 */
export function liveTemplates(text: string): string[] {
  const found: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const three = text.slice(i, i + 3);
    if (three === '$${' || three === '%%{') i += 2;
    else if (three.startsWith('${') || three.startsWith('%{')) {
      const end = endOf(text, i + 2);
      found.push(text.slice(i + 2, end));
      i = end;
    }
  }
  return found;
}

/** Where a template that begins before `start` ends: braces nest, and do not count inside quotes. */
function endOf(text: string, start: number): number {
  let [depth, quoted] = [1, false];
  for (let i = start; i < text.length; i++) {
    if (text[i] === '\\' && quoted) i++;
    else if (text[i] === '"') quoted = !quoted;
    else if (!quoted && text[i] === '{') depth++;
    else if (!quoted && text[i] === '}' && --depth === 0) return i;
  }
  return text.length;
}

/** Every text of a JSON value, keys included. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => [key, ...textsOf(field)]);
}
