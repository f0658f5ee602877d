import { MultiGraph } from 'graphology';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { problem, type Diagnostic } from '../diagnostics';

/** Attributes as they stand in a file: numbers and truth values where it declares them so. */
export type FileAttributes = Readonly<Record<string, string | number | boolean>>;

/** A graph of another tool: directed and undirected edges, parallel ones and loops. */
export type FileGraph = MultiGraph<FileAttributes, FileAttributes, FileAttributes>;

interface Key {
  readonly name: string;
  readonly type: string;
  readonly of: string;
  defaultText: string | undefined;
}

/** An element that can hold data. */
interface Holder {
  readonly kind: 'graph' | 'node' | 'edge';
  readonly id: string;
  /** Where it begins, from 1. */
  readonly line: number;
  readonly data: Map<string, string | number | boolean>;
  readonly ends?: { readonly source: string; readonly target: string; readonly directed: boolean };
}

type Reading =
  | { readonly graph: FileGraph; readonly diagnostic?: undefined }
  | { readonly graph?: undefined; readonly diagnostic: Diagnostic };

/**
 * Reads GraphML 1.0 (Brandes et al. 2002) as NetworkX, yEd, Gephi, igraph and the Topology Zoo write it.
 * Ports, hyperedges and graphs inside nodes are refused, for no network of regions has them.
 *
 * @param name of the file, for messages.
 */
export function readGraphml(text: string, name: string): Reading {
  const reader = new Reader();
  const parser = new SaxesParser({ xmlns: false, position: true });
  parser.on('opentag', (tag) => reader.open(tag, parser.line));
  parser.on('text', (part) => reader.text(part));
  parser.on('cdata', (part) => reader.text(part));
  parser.on('closetag', (tag) => reader.close(tag));
  parser.on('error', (error) => {
    throw error;
  });
  try {
    parser.write(text).close();
    return { graph: reader.graph() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // The parser's own messages open with the place.
    const why = error.message.replace(/^\d+:\d+: /, '');
    const position = { file: name, line: reader.faultLine ?? parser.line, column: 1 };
    const next = 'give a file that a tool has written as GraphML';
    return { diagnostic: { ...problem('graphml-unreadable', '', why, next), position } };
  }
}

const refused = new Set(['hyperedge', 'port', 'locator']);

/** Collects what the parser meets; a fault is an Error with what is wrong. */
class Reader {
  private readonly keys = new Map<string, Key>();
  private readonly holders: Holder[] = [];
  /** Elements that data belongs to, the innermost last. */
  private readonly inside: Holder[] = [];
  private whole: Holder | undefined;
  private directed = false;
  private key: Key | undefined;
  private datum: string | undefined;
  private words = '';
  private root = false;
  /** The line of an element that is at fault, where the parser has passed it. */
  faultLine: number | undefined;

  open({ name, attributes: given }: SaxesTagPlain, line: number): void {
    this.words = '';
    if (!this.root) {
      if (name !== 'graphml') throw new Error(`the root element is <${name}>, not <graphml>`);
      this.root = true;
    }
    if (refused.has(name)) throw new Error(`<${name}> stands for nothing in a network of regions`);
    if (name === 'key') this.openKey(given);
    else if (name === 'data') this.datum = wanted(given, 'key', name);
    else if (name === 'graph') this.openGraph(given, line);
    else if (name === 'node')
      this.begin({ kind: 'node', id: wanted(given, 'id', name), line, data: new Map() });
    else if (name === 'edge') {
      const ends = {
        source: wanted(given, 'source', name),
        target: wanted(given, 'target', name),
        directed: given.directed === undefined ? this.directed : given.directed === 'true',
      };
      this.begin({ kind: 'edge', id: given.id ?? '', line, data: new Map(), ends });
    }
  }

  text(part: string): void {
    this.words += part;
  }

  close({ name }: SaxesTagPlain): void {
    if (name === 'default' && this.key) this.key.defaultText = this.words.trim();
    else if (name === 'key') this.key = undefined;
    else if (name === 'data') this.closeData();
    else if (name === 'node' || name === 'edge' || name === 'graph') this.inside.pop();
    this.words = '';
  }

  /** The graph of all that was met. */
  graph(): FileGraph {
    if (!this.whole) throw new Error('there is no <graph>');
    const graph: FileGraph = new MultiGraph();
    graph.replaceAttributes({ id: this.whole.id, ...this.attributes(this.whole) });
    for (const holder of this.holders) {
      if (holder.kind !== 'node') continue;
      this.faultLine = holder.line;
      if (graph.hasNode(holder.id)) throw new Error(`there are two nodes '${holder.id}'`);
      graph.addNode(holder.id, this.attributes(holder));
    }
    for (const holder of this.holders) {
      if (!holder.ends) continue;
      this.faultLine = holder.line;
      const { source, target, directed } = holder.ends;
      const unknown = [source, target].find((id) => !graph.hasNode(id));
      if (unknown !== undefined) throw new Error(`an edge ends at '${unknown}', and there is no such node`);
      const attributes = this.attributes(holder);
      if (directed) graph.addDirectedEdge(source, target, attributes);
      else graph.addUndirectedEdge(source, target, attributes);
    }
    return graph;
  }

  private openKey(given: Readonly<Record<string, string>>): void {
    const id = wanted(given, 'id', 'key');
    const name = given['attr.name'] ?? id;
    this.key = { name, type: given['attr.type'] ?? 'string', of: given.for ?? 'all', defaultText: undefined };
    this.keys.set(id, this.key);
  }

  private openGraph(given: Readonly<Record<string, string>>, line: number): void {
    if (this.inside.length > 0) throw new Error('there is a graph inside a node');
    if (this.whole) throw new Error('there are two graphs');
    this.directed = given.edgedefault === 'directed';
    this.whole = { kind: 'graph', id: given.id ?? '', line, data: new Map() };
    this.inside.push(this.whole);
  }

  private begin(holder: Holder): void {
    this.holders.push(holder);
    this.inside.push(holder);
  }

  private closeData(): void {
    const key = this.keys.get(this.datum ?? '');
    // Data of the whole file, and of drawings that have no declared name, say nothing of the network.
    const holder = this.inside.at(-1);
    const value = key && valueOf(key.type, this.words.trim());
    if (key && holder && value !== undefined) holder.data.set(key.name, value);
    this.datum = undefined;
  }

  private attributes({ kind, data }: Holder): FileAttributes {
    const found = new Map<string, string | number | boolean>();
    for (const { name, type, of, defaultText } of this.keys.values()) {
      if (defaultText === undefined || (of !== kind && of !== 'all')) continue;
      const value = valueOf(type, defaultText);
      if (value !== undefined) found.set(name, value);
    }
    return Object.fromEntries([...found, ...data]);
  }
}

function wanted(given: Readonly<Record<string, string>>, name: string, element: string): string {
  const value = given[name];
  if (value === undefined || value === '') throw new Error(`a <${element}> has no '${name}'`);
  return value;
}

/** undefined: it is empty, or not of its type. */
function valueOf(type: string, text: string): string | number | boolean | undefined {
  if (text === '') return undefined;
  if (type === 'boolean') return /^(true|1)$/i.test(text);
  if (!['int', 'long', 'float', 'double'].includes(type)) return text;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
