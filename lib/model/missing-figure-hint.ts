import { Document, visit } from 'yaml';
import type { LinkDescription, NetworkDescription } from './description';
import type { Region } from './network';

/** What stands in the line in the place of a figure that nobody knows: to be replaced by the true one. */
const examples = { bandwidth: '1 Gbps', latency: '10 ms' };

type Figure = keyof typeof examples;

/**
 * What to do about a figure of a link that nobody knows, with a line of YAML that works when it is pasted:
 * the link's own entry with all figures that it lacks. A mesh has one latency for all of its pairs: there the
 * line is the site with its location.
 */
export function missingFigureHint(
  figure: Figure,
  raw: LinkDescription,
  ends: readonly Region[],
  lacks: readonly Figure[],
  regions: NetworkDescription['regions'],
): string {
  const site = figure === 'latency' ? ends.find((r) => r.lat === null) : undefined;
  if (raw.mesh !== undefined && site) {
    const { external, ...rest } = regions[site.id];
    const located = { ...rest, external: { ...external, location: { lat: 48.1, lon: 11.6 } } };
    return `say where ${site.id} is, in its own degrees: ${flow({ [site.id]: located }).slice(2, -2)}`;
  }
  const given = raw.mesh === undefined ? lacks : [figure];
  const entry = { ...raw, ...Object.fromEntries(given.map((key) => [key, examples[key]])) };
  const what = given.length > 1 ? 'figures' : 'figure';
  const replace = `replace the link by this line, with your own ${what}: - ${flow(entry)}`;
  return site ? `give ${site.id} a location, or ${replace}` : replace;
}

/** On one line, as YAML's flow style writes it. */
function flow(value: object): string {
  const document = new Document(value);
  visit(document, {
    Collection: (_, node) => {
      node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 }).trimEnd();
}
