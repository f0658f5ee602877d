import { xmlText } from '../escape';
import { flatAttributes } from './flat-attributes';
import type { TopologyGraph } from './topology-graph';

type Flat = Readonly<Record<string, string | number | boolean>>;
type Kind = 'graph' | 'node' | 'edge';

/**
 * The graph as GraphML 1.0 (Brandes et al. 2002), for NetworkX, Gephi, yEd, igraph and `dwcp import`. Each
 * attribute is declared with its type; one that is not known is left out. The same plan gives the same bytes.
 */
export function graphmlOf(graph: TopologyGraph): string {
  const whole = { graph: [flatAttributes(graph.getAttributes())] };
  const nodes = graph.mapNodes((id, attributes) => ({ id, data: flatAttributes(attributes) }));
  const edges = graph.mapEdges((id, attributes, source, target) => ({
    ...{ id, source, target },
    data: flatAttributes(attributes),
  }));
  const types = {
    graph: typesOf(whole.graph),
    node: typesOf(nodes.map(({ data }) => data)),
    edge: typesOf(edges.map(({ data }) => data)),
  };
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    '  xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">',
    ...(['graph', 'node', 'edge'] as const).flatMap((kind) => keys(kind, types[kind])),
    `  <graph id="${xmlText(graph.getAttribute('network'))}" edgedefault="directed">`,
    ...data('graph', whole.graph[0], '    '),
  ];
  for (const node of nodes) {
    lines.push(`    <node id="${xmlText(node.id)}">`, ...data('node', node.data, '      '), '    </node>');
  }
  for (const { id, source, target, data: values } of edges) {
    const ends = `source="${xmlText(source)}" target="${xmlText(target)}"`;
    lines.push(`    <edge id="${xmlText(id)}" ${ends}>`, ...data('edge', values, '      '), '    </edge>');
  }
  return [...lines, '  </graph>', '</graphml>', ''].join('\n');
}

/** The type of each attribute, in the order in which they are met. */
function typesOf(list: readonly Flat[]): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const flat of list) {
    for (const [name, value] of Object.entries(flat)) {
      types.set(name, typeof value === 'number' ? 'double' : typeof value);
    }
  }
  return types;
}

function keys(kind: Kind, types: ReadonlyMap<string, string>): string[] {
  return [...types].map(
    ([name, type]) => `  <key id="${kind}-${name}" for="${kind}" attr.name="${name}" attr.type="${type}"/>`,
  );
}

function data(kind: Kind, values: Flat, indent: string): string[] {
  return Object.entries(values).map(
    ([name, value]) => `${indent}<data key="${kind}-${name}">${xmlText(String(value))}</data>`,
  );
}
