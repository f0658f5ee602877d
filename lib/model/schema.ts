// The shape of a description: which keys there are and what kind of value each takes. `check-*.ts` know what
// the values mean. The published JSON Schema is made from this.
import { z } from 'zod';
import { byClass, qosClasses } from './qos';
import { quantity } from './schema-quantity';
import { statementSchemas } from './statements';
import { tunnelTypes } from '../tunnels';

const id = z.string();
const ids = z.array(id);

const gateways = z
  .strictObject({
    count: z.number().optional().describe('1 or 2 gateways, each in a zone of its own; default 1'),
    instanceType: z.string().optional().describe('EC2 type from the catalog; default c7gn.large'),
  })
  .describe('Gateways of a region');

const tunnel = z
  .strictObject({
    type: z.enum(tunnelTypes).optional().describe('default wireguard'),
    mtu: z
      .number()
      .optional()
      .describe('bytes inside the tunnel, 1280 to 1440 between public addresses; default 1420'),
    keepalive: quantity('25 s', 'keepalive interval').optional(),
  })
  .describe('Tunnel parameters');

const figures = {
  bandwidth: quantity('5 Gbps', 'bandwidth; default: what both gateways sustain, at most 5 Gbps').optional(),
  latency: quantity('35 ms', 'one-way delay (RFC 7679); default: from the catalog').optional(),
  rtt: quantity('70 ms', 'round-trip time (RFC 2681) instead of latency: half each way').optional(),
  cost: quantity('0.02 USD/GB', 'price of the traffic; default: the sender list price').optional(),
  loss: quantity('0.1 %', 'packet loss').optional(),
  availability: quantity('99.95 %', 'share of time the link is up').optional(),
  utilisation: quantity('30 %', 'bandwidth that others use already; default 0 %').optional(),
  metric: z.number().optional().describe('what strategy metric adds up: 1 to 65535; default 10'),
};

const was = (what: string, keeps: string) =>
  id.optional().describe(`the ${what} before a renaming: ${keeps} stay`);

const region = z.strictObject({
  was: was('id', 'blocks, gateways, resources and keys'),
  place: z.string().optional().describe('AWS region code; default: the id, if it is one'),
  external: z
    .strictObject({
      endpoint: z.string().describe('public IP address of its gateway'),
      private: z
        .boolean()
        .optional()
        .describe('the endpoint is reached by private lines, not over the Internet; default false'),
      location: z
        .strictObject({
          lat: z.number(),
          lon: z.number(),
          country: z.string().optional().describe('ISO 3166-1 alpha-2'),
          city: z.string().optional(),
        })
        .optional(),
    })
    .optional()
    .describe('a site outside AWS'),
  block: z.string().optional().describe('IPv4 block, /16 to /28; default: allocated'),
  prefixes: z
    .array(z.string())
    .meta({ maxItems: 64 })
    .optional()
    .describe('IPv4 and IPv6 networks behind its gateways beside the block, at most 64; default none'),
  gateways: gateways.optional(),
  drained: z.boolean().optional().describe('a drained region sends and takes no transit traffic'),
  transit: z
    .boolean()
    .optional()
    .describe('false: paths begin or end here, none passes through; default true'),
  vpc: z
    .strictObject({ id: z.string(), publicSubnets: z.array(z.string()), routeTables: z.array(z.string()) })
    .optional()
    .describe('use this VPC instead of making one'),
  tags: z.record(z.string(), z.string()).optional(),
});

const qosClass = z.enum([...qosClasses]);

const share = quantity('30 %', "share of a link's available bandwidth");
const shares = z.strictObject(byClass(() => share.optional()));

const link = z.strictObject({
  id: id.optional().describe('default link-<a>-<b>'),
  was: was('id', 'addresses, ports, names and keys of its tunnels'),
  between: ids.optional().describe('two regions, both directions'),
  from: id.optional().describe('one direction only, with to'),
  to: id.optional(),
  mesh: z
    .union([z.literal('all'), ids])
    .optional()
    .describe('a link between each pair of these regions'),
  ...figures,
  forward: z.strictObject(figures).optional().describe('what differs from the first region to the second'),
  backward: z.strictObject(figures).optional().describe('what differs from the second region to the first'),
  srlg: ids.optional().describe('shared-risk groups (RFC 4202)'),
  tunnel: tunnel.optional(),
  medium: z
    .enum(['fibre', 'radio'])
    .optional()
    .describe('bounds the latency: light in fibre, or in air (microwave); default fibre'),
  transport: z.enum(['overlay']).optional().describe('default overlay'),
  drained: z.boolean().optional(),
  standby: z
    .boolean()
    .optional()
    .describe('last resort: used by pairs that have no other path; default false'),
  shares: shares.optional().describe('bandwidth constraints where they differ from those of admission'),
});

const selection = z.strictObject({
  regions: ids.optional(),
  links: ids.optional(),
  countries: ids.optional(),
});
const scope = {
  from: ids.optional().describe('default: every region'),
  to: ids.optional().describe('default: every region'),
  classes: z.array(qosClass).optional().describe('default: every class'),
};

const policy = z.strictObject({
  ...scope,
  action: z.enum(['route', 'deny']).optional().describe('default route'),
  oneWay: z
    .boolean()
    .optional()
    .describe('of a deny: the way back passes on purpose; default false: that is warned of'),
  priority: z.number().optional().describe('higher wins; default 0; between equals the more specific'),
  strategy: z.enum(['latency', 'cost', 'bandwidth', 'balanced', 'metric']).optional(),
  weights: z
    .strictObject({
      latency: z.number().optional(),
      cost: z.number().optional(),
      utilisation: z.number().optional(),
    })
    .optional()
    .describe('of the balanced strategy; default 0.4, 0.3, 0.3'),
  maxLatency: quantity('150 ms', 'most one-way latency').optional(),
  maxHops: z.number().optional().describe('most links on a path'),
  minBandwidth: quantity('1 Gbps', 'least available bandwidth on every link').optional(),
  avoid: selection.optional(),
  require: selection.optional(),
  disjoint: z.enum(['none', 'link', 'node', 'srlg']).optional().describe('default none: as far as possible'),
  backups: z.number().optional().describe('most backups, 0 to 8; default 3'),
  ecmpTolerance: quantity('10 %', 'equal-cost tolerance in the metric of the strategy').optional(),
  ecmpPaths: z.number().optional().describe('most equal-cost paths kept, 1 to 64; default 4'),
});

const demand = z.strictObject({
  id: id.optional().describe('default demand-<from>-<to>-<class>'),
  from: id,
  to: id,
  bandwidth: quantity('300 Mbps', 'expected traffic'),
  class: qosClass.optional().describe('default best-effort'),
  maxLatency: quantity('150 ms', 'most one-way latency').optional(),
});

const window = z.strictObject({
  start: z.string().describe('local time in timeZone: 2026-12-01T22:00'),
  end: z.string().optional(),
  duration: quantity('4 h', 'length').optional(),
  recur: z.enum(['daily', 'weekly']).optional(),
  days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).optional(),
  until: z.string().optional().describe('last local date of the recurrence: 2027-06-30'),
  timeZone: z.string().optional().describe('IANA name; default UTC'),
});

const spread = z.enum(['single', 'ecmp', 'wecmp', 'te']);

const traffic = z.strictObject({
  spread: z
    .strictObject(byClass(() => spread.optional()))
    .optional()
    .describe(
      `how a class is split; default: ${Object.values(byClass((_, { spread: usual }) => usual)).join(', ')}`,
    ),
  paths: z.number().optional().describe('most paths of one demand under te, 1 to 16; default 4'),
  units: z.number().optional().describe('weights add up to this, 1 to 256; default 16'),
});

const admission = z
  .strictObject({
    model: z
      .enum(['shared', 'mam', 'rdm'])
      .optional()
      .describe('shared; maximum allocation (RFC 4125); russian dolls (RFC 4127); default shared'),
    shares: shares
      .optional()
      .describe('bandwidth constraints of mam and rdm; a class left out: 100 %, under rdm that of the next'),
    headroom: quantity('20 %', 'share of every link that reservations leave free; default 20 %').optional(),
    criticalHeadroom: quantity('0 %', 'the same for class critical; default 0 %').optional(),
  })
  .describe('How bandwidth is given out to reservations');

const rollout = z
  .strictObject({
    canary: z.string().describe('the gateway that installs first, dublin/1, or its region'),
    wait: quantity('15 min', 'wait of the others where it reports nothing; default 15 min').optional(),
  })
  .describe('In which order gateways install a new plan');

const edge = z
  .strictObject({
    marks: z
      .string()
      .optional()
      .describe("three bits of packet marks that are the gateways'; default 0x1012"),
    networkControl: qosClass
      .optional()
      .describe('class of what workloads mark CS6 or CS7; default best-effort'),
    open: z
      .array(
        z.strictObject({
          port: z.number().describe('port of gateways that overlay hosts may reach'),
          protocol: z.enum(['tcp', 'udp']).optional().describe('default tcp'),
          from: z.array(z.string()).describe('networks of those who may'),
        }),
      )
      .optional(),
  })
  .describe('What the trust boundary of gateways is told');

const operations = z
  .strictObject({
    api: z
      .boolean()
      .optional()
      .describe("serve the agents' API on overlay addresses to who can open the key file; default true"),
    metrics: z
      .strictObject({
        port: z.number().optional().describe('TCP port; default 9469'),
        from: z
          .array(z.string())
          .optional()
          .describe('networks of those who scrape; default: all of the plan'),
      })
      .optional()
      .describe('serve metrics on overlay and region addresses, too'),
    ssm: z
      .boolean()
      .optional()
      .describe('gateways may take orders by AWS Systems Manager; default: whether ssmAgent is given'),
    ssmAgent: z
      .strictObject({
        version: z.string().describe('3.3.2299.0'),
        sha256: z
          .strictObject({ arm64: z.string(), amd64: z.string().optional() })
          .describe('of the package, 64 hex digits'),
        url: z
          .string()
          .optional()
          .describe("with {region}, {version} and {arch}; default: AWS's bucket of the region"),
      })
      .optional()
      .describe('package of the SSM agent that gateways install; default: the image has one'),
    logs: z
      .strictObject({
        retention: quantity('30 d', 'how long CloudWatch Logs keeps them; default 30 d').optional(),
      })
      .optional()
      .describe('gateways send their journals to CloudWatch Logs'),
    webhooks: z
      .array(
        z.strictObject({
          url: z.string().describe('https, or http on loopback'),
          kinds: z.array(z.string()).optional().describe('kinds of events; default all'),
          secretFile: z.string().optional().describe('file on each gateway with the secret that signs'),
        }),
      )
      .optional(),
  })
  .describe('How operators get in');

const reservation = z.strictObject({
  from: id,
  to: id,
  bandwidth: quantity('500 Mbps', 'promised bandwidth'),
  class: qosClass.optional(),
  setupPriority: z.number().optional().describe('0 highest to 7 (RFC 3209); default 7'),
  holdingPriority: z.number().optional().describe('0 highest to 7; default: the setup priority'),
  window: window.optional(),
});

const objective = z.strictObject({ ...scope, ...statementSchemas });

export const descriptionSchema = z
  .strictObject({
    $schema: z.string().optional(),
    network: z.string().describe('name: a lower-case letter, then up to 19 of a-z, 0-9 and hyphen'),
    was: was('name', 'addresses, resources and keys'),
    renumber: ids
      .optional()
      .describe(
        'allocated anew on purpose, once: ids of regions, gateways or links, or pools (addressing.links)',
      ),
    addressing: z
      .strictObject({
        regions: z.string().optional().describe('IPv4 pool for region blocks; default 10.0.0.0/8'),
        links: z.string().optional().describe('IPv4 pool for link addresses; default 100.64.0.0/16'),
        gateways: z.string().optional().describe('IPv4 pool for gateway addresses; default 100.65.0.0/16'),
        ipv6: z.string().optional().describe('IPv6 /48; default a unique local prefix from the name'),
      })
      .optional(),
    defaults: z
      .strictObject({
        gateways: gateways.optional(),
        tunnel: tunnel.optional(),
        link: z
          .strictObject(figures)
          .optional()
          .describe('figures of every link, also of a mesh, that does not give them itself'),
      })
      .optional(),
    regions: z.record(z.string(), region),
    links: z.array(link).optional(),
    policies: z.record(z.string(), policy).optional(),
    demands: z.array(demand).optional(),
    traffic: traffic.optional(),
    admission: admission.optional(),
    reservations: z.record(z.string(), reservation).optional(),
    objectives: z.record(z.string(), objective).optional(),
    rollout: rollout.optional(),
    edge: edge.optional(),
    operations: operations.optional(),
    quotas: z
      .record(z.string(), z.number())
      .optional()
      .describe('raised quotas, by the name a quota error prints'),
    tags: z.record(z.string(), z.string()).optional(),
  })
  .meta({ title: 'dwcp-multiregion network', description: 'A global network: regions, links and policies.' });

/** JSON Schema (draft 2020-12) of a description, for editors. */
export function descriptionJsonSchema(): object {
  return z.toJSONSchema(descriptionSchema, { io: 'input', unrepresentable: 'any' });
}
