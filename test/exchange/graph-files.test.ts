import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gexfOf, graphmlOf, importGraph, readGraphml, topologyGraph } from '../../lib/exchange';
import { parseDescription, readDescription, type Network } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { loadSolver } from '../../lib/project/solver';
import { exampleFile } from '../../stacks/project-root';
import { zooFiles } from '../support/zoo-files';

/** Debian's python3, which has Debian's python3-networkx. */
const python = '/usr/bin/python3';
const hasNetworkx = spawnSync(python, ['-c', 'import networkx']).status === 0;
const zoo = zooFiles();
const gaps = [
  ...(hasNetworkx ? [] : ['NetworkX reading our files: python3-networkx is not installed']),
  ...(zoo ? [] : ['importing the Topology Zoo: its archive is not there']),
];
// eslint-disable-next-line no-console -- a skip is never silent
for (const gap of gaps) console.warn(`skipped: ${gap}`);

const text = readFileSync(exampleFile('six-regions.yaml'), 'utf8');
let network: Network;
let plan: PlanDocument;

beforeAll(() => {
  network = readDescription(text, 'six-regions.yaml').network!;
  plan = buildPlan(network, { lock: null, keys: null, solver: loadSolver }).plan!;
});

describe('the graph of a plan', () => {
  it('has a node a region and an edge a direction, with round trip, price, load and state', () => {
    const graph = topologyGraph(plan);
    expect(graph.nodes()).toEqual(plan.regions.map((r) => r.id));
    expect(graph.size).toBe(plan.links.reduce((sum, link) => sum + link.directions.length, 0));
    for (const { link, from, demandMbps, reservedMbps, availableMbps } of plan.traffic.loads) {
      const edge = graph.filterOutEdges(from, (_key, attributes) => attributes.link === link);
      expect(edge).toHaveLength(1);
      const attributes = graph.getEdgeAttributes(edge[0]);
      expect(attributes).toMatchObject({ demandMbps, reservedMbps, availableMbps });
      expect(attributes.loadRatio).toBeCloseTo((demandMbps + reservedMbps) / availableMbps, 12);
    }
    for (const link of plan.links) {
      const rtt = link.directions.reduce((sum, d) => sum + d.latencyMs, 0);
      for (const { from, to, costPerGbUsd } of link.directions) {
        const key = `${link.id} ${from} ${to}`;
        expect(graph.getEdgeAttributes(key)).toMatchObject({ rttMs: rtt, costPerGbUsd, state: 'active' });
      }
    }
  });

  it('says what is drained, on standby, or not known', () => {
    const { network: edited } = parseDescription({
      network: 'net',
      regions: {
        'eu-west-1': { drained: true },
        'us-east-1': {},
        site: { external: { endpoint: '198.18.0.1', private: true } },
      },
      links: [
        { between: ['eu-west-1', 'us-east-1'], standby: true },
        { from: 'us-east-1', to: 'site', bandwidth: '1 Gbps', latency: '5 ms', drained: true },
      ],
    });
    const graph = topologyGraph(buildPlan(edited!, { lock: null, keys: null }).plan!);
    const edge = (key: string) => graph.getEdgeAttributes(key);
    expect(graph.getNodeAttributes('eu-west-1').state).toBe('drained');
    expect(graph.getNodeAttributes('site')).toMatchObject({ label: 'site', lat: null, provider: 'external' });
    expect(edge('link-eu-west-1-us-east-1 eu-west-1 us-east-1').state).toBe('standby');
    expect(edge('link-us-east-1-site us-east-1 site')).toMatchObject({ state: 'drained', rttMs: null });
  });
});

describe('files of graphs', () => {
  it('come back as the network that they were made of', () => {
    const { graph } = readGraphml(graphmlOf(topologyGraph(plan)), 'plan.graphml');
    const { description, notes } = importGraph(graph!, 'six-regions');
    expect(notes).toEqual([]);
    const again = parseDescription(description).network!;
    const withoutOrigins = ({ regions, links }: Network) => ({
      regions: regions.map((r) => ({ ...r, tags: {} })),
      // The first region of a link may be the other one.
      links: links.map(({ id, directions, srlgs, drained, standby }) => ({
        ...{ id, srlgs, drained, standby },
        directions: directions
          .map((d) => ({ ...d, bandwidthOrigin: '', latencyOrigin: '', costOrigin: '' }))
          .sort((x, y) => (x.from < y.from ? -1 : 1)),
      })),
    });
    expect(withoutOrigins(again)).toEqual(withoutOrigins(network));
  });

  (hasNetworkx ? it : it.skip)('are read by NetworkX, GraphML and GEXF, with every figure', () => {
    const graph = topologyGraph(plan);
    const folder = mkdtempSync(path.join(tmpdir(), 'exchange-'));
    try {
      writeFileSync(path.join(folder, 'plan.graphml'), graphmlOf(graph));
      writeFileSync(path.join(folder, 'plan.gexf'), gexfOf(graph));
      const program = `
import json, networkx as nx, sys
out = {}
for name, read in (('graphml', nx.read_graphml), ('gexf', nx.read_gexf)):
    g = read(sys.argv[1] + '/plan.' + name)
    out[name] = {
        'nodes': sorted(g.nodes()),
        'lat': {n: d['lat'] for n, d in g.nodes(data=True)},
        'edges': sorted([u, v, d['link'], d['latencyMs'], d['availableMbps'], d['state']] for u, v, d in g.edges(data=True)),
    }
print(json.dumps(out))`;
      const { stdout, stderr } = spawnSync(python, ['-c', program, folder], { encoding: 'utf8' });
      expect(stderr).toBe('');
      const read = JSON.parse(stdout) as Record<string, { nodes: unknown; lat: unknown; edges: unknown[] }>;
      const edges = graph.mapEdges((_key, a, from, to) => {
        return [from, to, a.link, a.latencyMs, a.availableMbps, a.state];
      });
      for (const name of ['graphml', 'gexf']) {
        expect(read[name].nodes).toEqual([...graph.nodes()].sort());
        expect(read[name].lat).toEqual(Object.fromEntries(graph.mapNodes((id, { lat }) => [id, lat])));
        expect(read[name].edges.map((e) => JSON.stringify(e)).sort()).toEqual(
          edges.map((e) => JSON.stringify(e)).sort(),
        );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  (zoo ? it : it.skip)('of the Topology Zoo all become descriptions that parse', () => {
    let [regions, links] = [0, 0];
    const faults: string[] = [];
    for (const { name, graphml } of zoo!) {
      const { graph, diagnostic } = readGraphml(graphml, name);
      if (!graph) {
        faults.push(`${name}: ${diagnostic.message}`);
        continue;
      }
      const { description } = importGraph(graph, 'zoo');
      const given = { ...description, defaults: { link: { bandwidth: '10 Gbps', latency: '80 ms' } } };
      const { diagnostics } = parseDescription(given);
      // Some have several parts, and Kdl has 754 regions: nobody can plan these as one network.
      const wrong = diagnostics.filter((d) => d.severity === 'error' && !['disconnected', 'too-many-regions'].includes(d.code));
      for (const d of wrong) faults.push(`${name}: ${d.path} ${d.message}`);
      const loops = graph.filterEdges((_key, _attributes, source, target) => source === target).length;
      expect([name, description.links!.length]).toEqual([name, graph.size - loops]);
      regions += Object.keys(description.regions).length;
      links += description.links!.length;
    }
    process.stdout.write(`imported ${zoo!.length} networks: ${regions} regions, ${links} links\n`);
    expect(faults).toEqual([]);
  });
});

const head = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">';

describe('GraphML of other tools', () => {
  it('joins directed edges there and back, keeps one-way and parallel ones, and drops loops', () => {
    const edges = ['a b', 'b a', 'a b', 'b c', 'c c'].map((e) => {
      const [source, target] = e.split(' ');
      return `<edge source="${source}" target="${target}"/>`;
    });
    const nodes = ['a', 'b', 'c'].map((id) => `<node id="${id}"/>`);
    const file = `${head}<graph edgedefault="directed">${nodes.join('')}${edges.join('')}</graph></graphml>`;
    const { description, notes } = importGraph(readGraphml(file, 'x').graph!, 'x');
    expect(description.links).toEqual([
      { between: ['a', 'b'] },
      { id: 'link-a-b-2', from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ]);
    expect(notes).toContain('left out 1 edge from a region to itself');
  });

  it('makes ids of names in any script, each once', () => {
    const labels = ['São Paulo', 'Sao-Paulo', '東京', '2nd Street 123456789012345', '<&"'];
    const nodes = labels.map((label, i) => {
      const plain = label.replace(/[&<"]/g, (c) => `&#${c.charCodeAt(0)};`);
      return `<node id="${i}"><data key="l">${plain}</data></node>`;
    });
    const file = `${head}<key id="l" for="node" attr.name="label" attr.type="string"/><graph>${nodes.join('')}</graph></graphml>`;
    const { description } = importGraph(readGraphml(file, 'x').graph!, 'x');
    expect(Object.keys(description.regions)).toEqual([
      'sao-paulo',
      'sao-paulo-2',
      'r2',
      'r2nd-street-12345678',
      'r4',
    ]);
  });

  it('takes the default of a key, and reads true, numbers and texts by their types', () => {
    const file = `${head}
      <key id="d" for="edge" attr.name="latency" attr.type="double"><default>7</default></key>
      <key id="s" for="edge" attr.name="standby" attr.type="boolean"/>
      <graph edgedefault="undirected"><node id="a"/><node id="b"/>
      <edge source="a" target="b"/><edge source="a" target="b"><data key="d">9.5</data><data key="s">true</data></edge>
      </graph></graphml>`;
    const { description } = importGraph(readGraphml(file, 'x').graph!, 'x');
    expect(description.links).toEqual([
      { between: ['a', 'b'], latency: '7 ms' },
      { id: 'link-a-b-2', between: ['a', 'b'], latency: '9.5 ms', standby: true },
    ]);
  });

  it.each([
    ['what is not XML', 'nodes: 3', /^1: text data outside of root node/],
    ['XML that breaks off', `${head}\n<graph>\n<node id="a"/>`, /^3: unclosed tag/],
    ['another format', '<gexf/>', /^1: the root element is <gexf>, not <graphml>/],
    ['no graph', `${head}</graphml>`, /^1: there is no <graph>/],
    [
      'an unknown end',
      `${head}\n<graph>\n<edge source="a" target="b"/></graph></graphml>`,
      /^3: an edge ends at 'a'/,
    ],
    [
      'a node twice',
      `${head}<graph>\n<node id="a"/>\n<node id="a"/></graph></graphml>`,
      /^3: there are two nodes 'a'/,
    ],
    [
      'an edge without an end',
      `${head}<graph><edge source="a"/></graph></graphml>`,
      /^1: an? <edge> has no 'target'/,
    ],
    ['a hyperedge', `${head}<graph><hyperedge/></graph></graphml>`, /^1: <hyperedge> stands for nothing/],
    [
      'a graph in a node',
      `${head}<graph><node id="a"><graph/></node></graph></graphml>`,
      /^1: there is a graph inside a node/,
    ],
    [
      'entities that grow',
      `<!DOCTYPE g [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${head}<graph><node id="&b;"/></graph></graphml>`,
      /^1: undefined entity/,
    ],
  ])('refuses %s, with its line', (_what, file, message) => {
    const { graph, diagnostic } = readGraphml(file, 'x.graphml');
    expect(graph).toBeUndefined();
    expect(diagnostic!.code).toBe('graphml-unreadable');
    expect(`${diagnostic!.position!.line}: ${diagnostic!.message}`).toMatch(message);
  });
});
