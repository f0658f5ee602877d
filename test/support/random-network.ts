import { parseDescription, qosClasses, type Network, type NetworkDescription } from '../../lib/model';
import type { Seeded } from './random-seeded';

const places = [
  'us-east-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-1',
  'sa-east-1',
  'af-south-1',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
];

/**
 * A described network of AWS regions with everything that planning meets: parallel and one-way links, risk
 * groups, policies, demands of all classes under all spreads, reservations of all priorities. What links
 * cost, carry and take is drawn, not measured: ties and near ties are frequent. With `ends` some regions
 * carry no transit.
 */
export function randomNetwork(random: Seeded, { ends = true } = {}): Network {
  const ids = places.slice(0, random.whole(4, 8)).map((place) => place.replace(/-/g, ''));
  /** Some of them, or all by saying nothing. */
  const some = (p: number) => {
    const list = ids.filter(() => random.chance(p));
    return list.length > 0 ? list : undefined;
  };
  const links: object[] = [];
  const join = (a: string, b: string) => {
    const oneWay = links.length >= ids.length && random.chance(0.1);
    const ends = oneWay ? { from: a, to: b } : { between: [a, b] };
    const srlg = ['north', 'south'].filter(() => random.chance(0.2));
    const bandwidth = `${random.pick([1, 2, 3, 5])} Gbps`;
    links.push({
      id: `l${String(links.length).padStart(2, '0')}`,
      ...ends,
      bandwidth,
      srlg,
      metric: 1 + (links.length % 4),
      standby: links.length % 7 === 4,
    });
  };
  ids.forEach((id, i) => join(id, ids[(i + 1) % ids.length]));
  for (let i = random.whole(1, ids.length + 3); i > 0; i--) {
    const a = random.whole(0, ids.length - 1);
    join(ids[a], ids[(a + random.whole(1, ids.length - 1)) % ids.length]);
  }
  const pair = () => {
    const from = random.pick(ids);
    return { from, to: random.pick(ids.filter((id) => id !== from)) };
  };
  const policies = Object.fromEntries(
    Array.from({ length: random.whole(0, 3) }, (_, i) => [
      `p${i}`,
      {
        from: some(0.4),
        to: some(0.4),
        classes: qosClasses.filter(() => random.chance(0.5)),
        priority: i,
        ...random.pick([
          {},
          { strategy: 'cost' },
          { strategy: 'metric' },
          { strategy: 'bandwidth', ecmpPaths: 2 },
          { strategy: 'balanced' },
          { strategy: 'latency', maxHops: 3 },
          { avoid: { regions: [random.pick(ids)] } },
          { disjoint: 'link' },
          { disjoint: 'srlg', strategy: 'cost' },
          { action: 'deny' },
        ]),
      },
    ]).filter(([, p]) => (p as { classes: string[] }).classes.length > 0),
  );
  const description = {
    network: 'random',
    regions: Object.fromEntries(
      ids.map((id, i) => [id, { place: places[i], transit: !(ends && random.chance(0.08)) }]),
    ),
    links,
    policies,
    traffic: {
      spread: Object.fromEntries(
        qosClasses.map((c) => [c, random.pick(['single', 'ecmp', 'wecmp', 'te', 'te'])]),
      ),
    },
    demands: Array.from({ length: random.whole(0, 12) }, (_, i) => ({
      id: `d${String(i).padStart(2, '0')}`,
      ...pair(),
      bandwidth: `${random.whole(1, 12) * 50} Mbps`,
      class: random.pick(qosClasses),
    })),
    reservations: Object.fromEntries(
      Array.from({ length: random.whole(0, 5) }, (_, i) => {
        const setupPriority = random.whole(0, 7);
        const holdingPriority = random.whole(0, setupPriority);
        const bandwidth = `${random.whole(1, 10) * 100} Mbps`;
        return [
          `r${i}`,
          { ...pair(), bandwidth, class: random.pick(qosClasses), setupPriority, holdingPriority },
        ];
      }),
    ),
  };
  const { network, diagnostics } = parseDescription(description as unknown as NetworkDescription);
  if (!network) throw new Error(diagnostics.map((d) => `${d.path}: ${d.message}`).join('\n'));
  return {
    ...network,
    // They are about the figures as they were.
    warnings: [],
    links: network.links.map((link) => ({
      ...link,
      directions: link.directions.map((d) => ({
        ...d,
        latencyMs: random.pick([5, 10, 10, 20, 21, 30, 40]),
        costPerGbUsd: random.pick([0.01, 0.02, 0.02, 0.021, 0.05]),
      })),
    })),
  };
}

/** A network so full of reservations of all priorities that many are refused; nothing else is asked of it. */
export function crowdedNetwork(random: Seeded): Network {
  const network = randomNetwork(random);
  const ids = network.regions.map((r) => r.id);
  const pairs = [random.whole(0, ids.length - 1), random.whole(0, ids.length - 1)].map((i) => [
    ids[i],
    ids[(i + 1) % ids.length],
  ]);
  const reservations = Array.from({ length: random.whole(6, 14) }, (_, i) => {
    const [from, to] = random.pick(pairs);
    return crowd(random, `r${String(i).padStart(2, '0')}`, from, to);
  });
  return { ...network, demands: [], policies: [], reservations };
}

function crowd(random: Seeded, id: string, from: string, to: string): Network['reservations'][number] {
  const setupPriority = random.whole(1, 7);
  return {
    id,
    from,
    to,
    bandwidthMbps: random.whole(2, 12) * 100,
    class: random.pick(qosClasses),
    setupPriority,
    holdingPriority: random.whole(1, setupPriority),
    window: null,
  };
}

/** The same with newcomers, or with less room. */
export function morePressure(random: Seeded, network: Network): Network {
  const newcomers = Array.from({ length: random.whole(0, 3) }, (_, i) => {
    const { from, to } = random.pick(network.reservations);
    const setupPriority = random.whole(0, 4);
    return { ...crowd(random, `n${i}`, from, to), setupPriority, holdingPriority: 0 };
  });
  const shrink = random.chance(0.4);
  const { id } = random.pick(network.links);
  const links = network.links.map((link) => ({
    ...link,
    directions: link.directions.map((d) =>
      shrink && link.id === id ? { ...d, bandwidthMbps: 600, availableMbps: 600 } : d,
    ),
  }));
  const reservations = [...network.reservations, ...newcomers].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { ...network, links, reservations };
}

/** What may happen to a network between two plans. */
export function changedNetwork(random: Seeded, network: Network): Network {
  const drain = <T extends { readonly id: string }>(list: readonly T[]) => {
    const { id } = random.pick(list);
    return list.map((x) => (x.id === id ? { ...x, drained: true } : x));
  };
  const links = (change: (link: Network['links'][number]) => Network['links'][number]): Network => {
    const { id } = random.pick(network.links);
    return { ...network, links: network.links.map((l) => (l.id === id ? change(l) : l)) };
  };
  const scale = (factor: number) => (link: Network['links'][number]) => ({
    ...link,
    directions: link.directions.map((d) => ({ ...d, latencyMs: d.latencyMs * factor })),
  });
  const all = <T>(list: readonly T[]) => (list.length > 0 ? list : undefined);
  switch (random.whole(0, 9)) {
    case 0:
    case 1:
      return { ...network, links: drain(network.links) };
    case 2:
      return { ...network, links: network.links.filter((_, i) => i !== network.links.length - 1) };
    case 3:
      return links(scale(random.pick([0.93, 1.07, 0.5, 2])));
    case 4:
      return links((link) => ({
        ...link,
        directions: link.directions.map((d) => ({ ...d, bandwidthMbps: 500, availableMbps: 500 })),
      }));
    case 5: {
      const demands = all(network.demands);
      if (!demands) return network;
      const { id } = random.pick(demands);
      const factor = random.pick([0.5, 1.1, 2]);
      return {
        ...network,
        demands: demands.map((d) => (d.id === id ? { ...d, bandwidthMbps: d.bandwidthMbps * factor } : d)),
      };
    }
    case 6: {
      const reservations = all(network.reservations);
      if (!reservations) return network;
      const strong = { ...random.pick(reservations), id: 'r9', setupPriority: 0, holdingPriority: 0 };
      const bandwidthMbps = Math.min(...network.links.map((l) => l.directions[0].availableMbps)) * 0.8;
      return { ...network, reservations: [...reservations, { ...strong, bandwidthMbps }] };
    }
    case 7:
      return { ...network, regions: drain(network.regions) };
    case 8: {
      const { id } = random.pick(network.regions);
      const regions = network.regions.map((r) => (r.id === id ? { ...r, transit: !r.transit } : r));
      return { ...network, regions };
    }
    default: {
      const policies = all(network.policies);
      if (!policies) return network;
      return { ...network, policies: policies.slice(1) };
    }
  }
}
