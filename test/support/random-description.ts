import type { DemandDescription, LinkDescription, NetworkDescription } from '../../lib/model';
import { qosClasses, type QosClass } from '../../lib/model';
import type { Seeded } from './random-seeded';

export interface RandomDescriptionOptions {
  /** Gateways of a region: 1, at an external site, or up to 2, in AWS, with its latencies. Default 1. */
  readonly mostGateways?: 1 | 2;
  /** Default 4 to 7. */
  readonly regions?: readonly [number, number];
}

const aws = [
  'us-east-1',
  'eu-west-1',
  'ap-northeast-1',
  'sa-east-1',
  'eu-central-1',
  'us-west-2',
  'ap-southeast-2',
];

/**
 * A connected network of external sites: a ring with chords, parallel links, shared risk groups and now and
 * then a drained link. Each pair and class has at most one demand, spread in one of the four ways.
 */
export function randomDescription(
  random: Seeded,
  options: RandomDescriptionOptions = {},
): NetworkDescription {
  const [fewest, most] = options.regions ?? [4, 7];
  const places = options.mostGateways === 2;
  const ids = Array.from({ length: random.whole(fewest, most) }, (_, i) => `r${i}`);
  const links: LinkDescription[] = [];
  const add = (a: string, b: string) => {
    const parallel = links.filter((l) => l.between!.includes(a) && l.between!.includes(b)).length;
    links.push({
      ...(links.length % 3 > 0 ? { metric: 5 * (links.length % 3) } : {}),
      ...(parallel > 0 ? { id: `link-${a}-${b}-${parallel + 1}` } : {}),
      between: [a, b],
      bandwidth: `${random.pick([50, 100, 200, 500])} Mbps`,
      ...(places ? {} : { latency: `${random.pick([0.1, 0.5, 1, 5, 10, 10, 25])} ms` as const }),
      srlg: random.chance(0.3) ? [random.pick(['river', 'conduit'])] : [],
      ...(random.chance(0.06) ? { drained: true } : {}),
      ...(links.length % 5 === 3 ? { standby: true } : {}),
    });
  };
  ids.forEach((id, i) => add(id, ids[(i + 1) % ids.length]));
  for (let i = random.whole(1, ids.length); i > 0; i--) {
    const a = random.pick(ids);
    const b = random.pick(ids.filter((id) => id !== a));
    const there = links.find((l) => l.between!.includes(a) && l.between!.includes(b));
    add(there ? there.between![0] : a, there ? there.between![1] : b);
  }
  const demands: DemandDescription[] = [];
  for (const from of ids) {
    for (const to of ids) {
      for (const qos of qosClasses) {
        if (from === to || !random.chance(0.25)) continue;
        const bandwidth = `${random.pick([1, 10, 40])} Mbps` as const;
        demands.push({ id: `d${demands.length}`, from, to, bandwidth, class: qos });
      }
    }
  }
  const spread = Object.fromEntries(
    qosClasses.map((qos) => [qos, random.pick(['single', 'ecmp', 'wecmp', 'te'] as const)]),
  ) as Record<QosClass, 'single' | 'ecmp' | 'wecmp' | 'te'>;
  return {
    network: 'random',
    defaults: { link: { cost: '0.02 USD/GB' } },
    regions: Object.fromEntries(
      ids.map((id, i) => [
        id,
        {
          ...(places
            ? { place: aws[i], gateways: { count: random.whole(1, 2) } }
            : { external: { endpoint: `192.0.2.${i + 1}` } }),
          ...(random.chance(0.08) ? { transit: false } : {}),
          // The greater first: the plan has them in another order.
          ...(i % 3 === 1
            ? { prefixes: [`fd00:${i}::/48`, `192.168.${i}.0/24`, `172.${20 + i}.0.0/16`] }
            : {}),
        },
      ]),
    ),
    links,
    policies: {
      // Wide enough that equal-cost spreads have several paths.
      all: {
        ecmpTolerance: '30 %',
        backups: random.whole(1, 3),
        disjoint: random.pick(['none', 'link']),
        ...(links.length % 4 === 0 ? { strategy: 'metric' as const } : {}),
      },
    },
    traffic: { spread },
    demands,
  };
}
