import { parseDescription, readDescription, type Network, type NetworkDescription } from '../../lib/model';
import { randomDescription } from '../support/random-description';
import { seeded } from '../support/random-seeded';

function networkOf(description: unknown): Network {
  const { network, diagnostics } = parseDescription(description);
  if (!network) throw new Error(JSON.stringify(diagnostics, null, 2));
  return network;
}

describe('defaults.link', () => {
  it('gives figures to links and meshes that say nothing, marked as given', () => {
    const network = networkOf({
      network: 'demo',
      defaults: { link: { bandwidth: '1 Gbps', cost: '0.5 USD/GB', loss: '1 %', utilisation: '10 %' } },
      regions: { 'us-east-1': {}, 'eu-west-1': {}, 'ap-northeast-1': {} },
      links: [
        { id: 'own', between: ['us-east-1', 'eu-west-1'], bandwidth: '2 Gbps', backward: { loss: '0 %' } },
        { mesh: 'all' },
      ],
    });
    const [mesh] = network.links;
    expect(mesh.directions[0]).toMatchObject({
      bandwidthMbps: 1000,
      bandwidthOrigin: 'given',
      availableMbps: 900,
      latencyOrigin: 'measured',
      costPerGbUsd: 0.5,
      costOrigin: 'given',
      lossRatio: 0.01,
      utilisationRatio: 0.1,
      availabilityRatio: null,
    });
    const own = network.links.find((l) => l.id === 'own')!;
    expect(own.directions.map((d) => [d.bandwidthMbps, d.lossRatio, d.costPerGbUsd])).toEqual([
      [2000, 0.01, 0.5],
      [2000, 0, 0.5],
    ]);
  });

  it("is overruled by a link's latency and by its rtt, for each direction", () => {
    const described = (link: object) =>
      networkOf({
        network: 'demo',
        defaults: { link: { rtt: '200 ms' } },
        regions: { 'us-east-1': {}, 'eu-west-1': {} },
        links: [{ between: ['us-east-1', 'eu-west-1'], ...link }],
      }).links[0].directions.map((d) => d.latencyMs);
    expect(described({})).toEqual([100, 100]);
    expect(described({ latency: '40 ms' })).toEqual([40, 40]);
    expect(described({ forward: { latency: '40 ms' }, backward: { rtt: '90 ms' } })).toEqual([40, 45]);
    expect(described({ backward: { rtt: '90 ms' } })).toEqual([100, 45]);
  });

  it('makes what links that write the figures themselves make, on 200 random descriptions', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const given = randomDescription(random);
      const { link } = given.defaults!;
      const links = given.links!.map((l) => ({ ...link, ...l }));
      const spelled: NetworkDescription = { ...given, defaults: undefined, links };
      expect([seed, networkOf(JSON.parse(JSON.stringify(spelled)))]).toEqual([seed, networkOf(given)]);
    }
  });
});

/** A description with what a diagnostic's next action says pasted over the link or the region it is about. */
function pasted(text: string, next: string, line: number): string {
  const lines = text.split('\n');
  const entry = /figures?: (- \{.*\})$/.exec(next);
  const site = /degrees: (([a-z0-9-]+): \{.*\})$/.exec(next);
  if (!entry && !site) throw new Error(`no line to paste in: ${next}`);
  const start = entry ? line - 1 : lines.findIndex((l) => l.startsWith(`  ${site![2]}:`));
  let end = start + 1;
  while (/^ {3,}/.test(lines[end] ?? '')) end++;
  return [...lines.slice(0, start), `  ${(entry ?? site)![1]}`, ...lines.slice(end)].join('\n');
}

describe('the next action of a figure that nobody knows', () => {
  it.each([
    ['- { between: [cork, galway] }', 1],
    ['- { between: [cork, galway], forward: { bandwidth: 1 Gbps, latency: 3 ms } }', 1],
    ['- { between: [cork, galway], latency: 3 ms, srlg: ["1e3", "no", "007"] }', 1],
    ['- id: wide\n    between:\n      - cork\n      - galway\n    tunnel: { mtu: 1400 } # narrow', 1],
    ['- { from: cork, to: dublin }\n  - { from: galway, to: cork, bandwidth: 1 Gbps }', 2],
    ['- mesh: all\n    availability: 99.9 %', 2],
    ['- { mesh: [cork, galway], latency: 1 ms }\n  - { between: [cork, dublin], latency: 4 ms }', 1],
  ])('works when it is pasted: %s', (links, most) => {
    let text = [
      'network: demo',
      'regions:',
      '  cork: { external: { endpoint: 198.51.100.7 }, drained: true }',
      '  galway:',
      '    external: { endpoint: "2001:db8::8", location: { country: IE, lat: 53.3, lon: -9 } }',
      '  dublin: { place: eu-west-1 }',
      'links:',
      `  ${links}`,
      '',
    ].join('\n');
    for (let i = 0; ; i++) {
      const { network, diagnostics } = readDescription(text, 'network.yaml');
      const unknown = diagnostics.find((d) => /^(bandwidth|latency)-unknown$/.test(d.code));
      if (!unknown) {
        expect([
          i,
          network ? [] : diagnostics.filter((d) => d.severity === 'error' && d.code !== 'disconnected'),
        ]).toEqual([most, []]);
        return;
      }
      expect(i).toBeLessThan(most);
      text = pasted(text, unknown.next, unknown.position!.line);
    }
  });
});
