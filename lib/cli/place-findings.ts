import type { Diagnostic, SourcePosition } from '../diagnostics';
import type { Locate, RawPath } from '../model';
import { tryDemandId, tryLinkId } from '../model/reporter';

/** Finds where a file says what a finding's path is about; undefined where it says nothing near it. */
export type FindPlace = (path: string) => SourcePosition | undefined;

/** Findings of one code with the place in the file that they are held against. */
export function placeFindings(
  found: readonly Diagnostic[],
  finders: Readonly<Record<string, FindPlace | undefined>>,
): Diagnostic[] {
  return found.map((d) => {
    const position = d.path === '' ? undefined : finders[d.code]?.(d.path);
    return position ? { ...d, position } : d;
  });
}

/**
 * Where a description says what a plan's path names (`links.link-a-b.directions.a>b.latencyMs`), or the entry
 * that it belongs to: what has a default may not be written anywhere.
 *
 * @param input the description's raw data.
 */
export function placeInDescription(input: unknown, locate: Locate): FindPlace {
  return (path) => {
    const [section, ...steps] = path.split('.');
    const entry = entryOf(input, section, steps[0]);
    const wholes: readonly string[] = ['tags', 'pools', 'admission', 'traffic', 'network'];
    const fields = wholes.includes(section) ? steps : steps.slice(1);
    const written = spellings(fields).find((words) => valueAt(input, [...entry, ...words]) !== undefined);
    return locate([...entry, ...(written ?? [])]);
  };
}

/** The raw path of a section's entry. Links and demands are lists; the links of a mesh are in one entry. */
function entryOf(input: unknown, section: string, id: string | undefined): RawPath {
  if (section === 'pools') return ['addressing'];
  if (section === 'links' || section === 'demands') {
    const list = (input as Record<string, unknown>)[section];
    if (!Array.isArray(list)) return [section];
    const idOf = section === 'links' ? tryLinkId : tryDemandId;
    const index = list.findIndex((entry: unknown) => idOf((entry ?? {}) as object) === id);
    const mesh = list.findIndex((entry: unknown) => (entry as { mesh?: unknown } | null)?.mesh !== undefined);
    return index >= 0 ? [section, index] : mesh >= 0 ? [section, mesh] : [section];
  }
  const whole = id === undefined || ['tags', 'admission', 'traffic', 'network'].includes(section);
  return whole ? [section] : [section, id];
}

/** How a description may spell a field of the plan, the likeliest first. */
function spellings(fields: readonly string[]): (readonly string[])[] {
  const [first = '', ...others] = fields;
  if (first === 'directions') return spellings(others.slice(1)).flatMap((w) => [['forward', ...w], w]);
  if (first === 'constraints') return spellings(others);
  const last = fields[fields.length - 1] ?? '';
  const bare = last.replace(/(Mbps|Ms|Ratio|PerGbUsd|Seconds)$/, '');
  const before = fields.slice(0, -1);
  const kinds = /^(avoid|require)(Regions|Links|Countries)$/.exec(last);
  return [
    fields,
    [...before, bare],
    ...(kinds ? [[kinds[1], kinds[2].toLowerCase()]] : []),
    ...(elsewhere[last] ?? []),
    before,
  ].filter((words) => words.length > 0);
}

/** Fields that a description keeps in another place. */
const elsewhere: Readonly<Record<string, readonly (readonly string[])[]>> = {
  gatewayCount: [['gateways', 'count']],
  instanceType: [['gateways', 'instanceType']],
  gatewayMbps: [['gateways', 'instanceType']],
  endpoint: [['external', 'endpoint']],
  city: [['external', 'location', 'city'], ['place']],
  country: [['external', 'location', 'country'], ['place']],
  lat: [['external', 'location', 'lat'], ['place']],
  lon: [['external', 'location', 'lon'], ['place']],
  capacityMbps: [['capacity', 'bandwidth']],
  capacityInstances: [['capacity', 'instances']],
  latencyMs: [['rtt']],
  srlgs: [['srlg']],
  mtu: [['tunnel', 'mtu']],
  keepaliveSeconds: [['tunnel', 'keepalive']],
  tunnelType: [['tunnel', 'type']],
  classShares: [['shares']],
};

function valueAt(input: unknown, path: RawPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    input,
  );
}

/**
 * Where a JSON file as this program writes it (one entry or field a line) has what a path names: each step
 * is looked for behind the one before.
 */
export function placeInJson(text: string, file: string): FindPlace {
  const lines = text.split('\n');
  return (path) => {
    const steps = path.split('.');
    let [at, line, column] = [0, 0, 0];
    while (at < steps.length) {
      // An id may hold a dot: the longest that is there.
      const next = steps
        .slice(at)
        .map((_, i) => steps.slice(at, steps.length - i))
        .map((words) => ({ words, key: `${JSON.stringify(words.join('.'))}:` }))
        .map(({ words, key }) => ({
          words,
          key,
          line: lines.findIndex((l, i) => i >= line && l.includes(key)),
        }))
        .find((candidate) => candidate.line >= 0);
      if (!next) break;
      [at, line, column] = [at + next.words.length, next.line, lines[next.line].indexOf(next.key)];
    }
    return { file, line: line + 1, column: column + 1 };
  };
}
