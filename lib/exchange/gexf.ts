import { write } from 'graphology-gexf';
import { flatAttributes } from './flat-attributes';
import type { DirectionAttributes, RegionAttributes, TopologyGraph } from './topology-graph';

/** The graph as GEXF 1.2, for Gephi and NetworkX, with the places of regions. Same plan, same bytes. */
export function gexfOf(graph: TopologyGraph): string {
  const text = write<RegionAttributes, DirectionAttributes>(graph, {
    version: '1.2',
    formatNode: (_id, { label, ...rest }) => {
      const { lat, lon } = rest;
      const viz = lat === null || lon === null ? {} : { viz: { x: lon, y: lat, z: 0 } };
      return { label, ...viz, attributes: flatAttributes(rest) };
    },
    formatEdge: (_id, attributes) => ({ label: attributes.link, attributes: flatAttributes(attributes) }),
  });
  return text.endsWith('\n') ? text : `${text}\n`;
}
