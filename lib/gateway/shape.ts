import { z } from 'zod';
import { tunnelTypes } from '../tunnels';
import type { GatewayState } from './state';
import { bitsOf, markBitCount } from '../model/mark-bits';
import { qosClasses } from '../model/qos';
import { isTimeZone } from '../reservation/time-zone';
import { publicKeyFault, tryParseAddress, tryParsePrefix } from '../net';

const group = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'a risk group');
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._>/[\]-]{0,1000}$/, 'an id');
const address = (family: 4 | 6) =>
  z.string().refine((s) => tryParseAddress(s)?.family === family, `an IPv${family} address`);
const prefix = (family: 4 | 6) =>
  z.string().refine((s) => tryParsePrefix(s)?.family === family, `an IPv${family} prefix`);
const anyAddress = z.string().refine((s) => tryParseAddress(s) !== undefined, 'an IP address');
const anyPrefix = z.string().refine((s) => tryParsePrefix(s) !== undefined, 'an IP prefix');
const interfaceName = z.string().regex(/^[a-z0-9-]{1,15}$/, 'an interface name');
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256');
const port = z.int().min(1).max(65535);
const mtu = z.int().min(576).max(65535);
const pathMtu = z.int().min(68).max(65535);
const someKey = z.string().superRefine((key, context) => {
  const fault = publicKeyFault(key);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: `the key ${fault}` });
});
const publicKey = someKey.nullable();
const nextPublicKey = someKey.optional();
const ms = z.number().min(0).max(1e6);
const mbps = z.number().min(0).max(1e9);
const qosClass = z.enum([...qosClasses]);
const segments = z.array(address(6)).max(32);

const probe = z.strictObject({ source: address(6), destination: address(6), segments });
const localTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;
const window = z
  .strictObject({
    start: z.string().regex(localTime, 'a local time'),
    end: z.string().regex(localTime, 'a local time').nullable(),
    durationSeconds: z
      .number()
      .positive()
      .max(36525 * 86400)
      .nullable(),
    recur: z.enum(['daily', 'weekly']).nullable(),
    days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).max(7),
    until: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, 'a local date')
      .nullable(),
    timeZone: z.string().refine(isTimeZone, 'a time zone that this machine knows'),
  })
  .nullable();

const tunnel = z.strictObject({
  id,
  identity: id,
  link: id,
  plane: z.int().min(1).max(2),
  type: z.enum(tunnelTypes),
  drained: z.boolean(),
  interfaceName,
  listenPort: port,
  ipv4: address(4),
  ipv6: address(6),
  segment: address(6),
  mtu,
  keepaliveSeconds: z.number().min(0).max(65535),
  presharedKey: z.boolean(),
  bandwidthMbps: mbps,
  latencyMs: ms,
  returnLatencyMs: ms,
  parallel: z.boolean(),
  guarantees: z.array(
    z.strictObject({ reservation: id, class: qosClass, bandwidthMbps: mbps, pathMtu, window }),
  ),
  peer: z.strictObject({
    gateway: id,
    region: id,
    publicKey,
    nextPublicKey,
    endpoint: anyAddress.nullable(),
    listenPort: port,
    ipv4: address(4),
    ipv6: address(6),
    locator: prefix(6),
  }),
});

const path = z.strictObject({
  id,
  path: id,
  tunnel: id,
  interfaceName,
  nextHopIpv4: address(4),
  nextHopIpv6: address(6),
  farGateway: id,
  farIpv4: address(4),
  farIpv6: address(6),
  segmentsIpv4: segments,
  segmentsIpv6: segments,
  probe: probe.nullable(),
  mtu: pathMtu,
  latencyMs: ms,
  returnLatencyMs: ms.nullable(),
  mirror: address(6).nullable(),
  hops: z.int().min(1).max(32),
  gateways: z.array(id).min(1),
  links: z.array(id),
  srlgs: z.array(group),
});

const route = z.strictObject({
  to: id,
  classes: z.array(qosClass).min(1),
  policy: id.nullable(),
  strategy: z.enum(['latency', 'cost', 'bandwidth', 'balanced', 'metric']),
  ipv4Prefixes: z.array(prefix(4)),
  ipv6Prefixes: z.array(prefix(6)),
  primary: id.nullable(),
  backups: z.array(id),
  equalCost: z.array(id),
  spreads: z.array(
    z.strictObject({
      class: qosClass,
      mbps,
      members: z.array(z.strictObject({ path: id, weight: z.int().min(1).max(256) })).min(1),
    }),
  ),
  refusal: z
    .strictObject({
      code: z.enum([
        'denied',
        'disconnected',
        'drained',
        'no-transit',
        'constrained',
        'not-disjoint',
        'search-limit',
      ]),
      message: z.string(),
      nearest: z.string(),
    })
    .nullable(),
});

const peer = z.strictObject({ gateway: id, identity: id, publicKey, nextPublicKey });

const edge = z.strictObject({
  ipv4Pools: z.array(prefix(4)).max(2),
  markBits: z
    .int()
    .min(1)
    .max(0xffffffff)
    .refine((mask) => bitsOf(mask).length === markBitCount, `${markBitCount} bits`)
    .optional(),
  networkControl: qosClass.optional(),
  open: z
    .array(
      z.strictObject({
        protocol: z.enum(['tcp', 'udp']),
        port,
        from: z.array(anyPrefix).min(1).max(64),
      }),
    )
    .max(64)
    .optional(),
  arrivals: z.array(
    z.strictObject({
      tunnel: id,
      regions: z.array(id),
      segments: z.array(z.strictObject({ segment: address(6), sources: z.array(address(6)).min(1) })),
      held: z.array(z.strictObject({ class: qosClass, mbps })),
    }),
  ),
  offers: z.array(z.strictObject({ to: id, class: qosClass, mbps })),
});

/** The shape of `gateway.json`: what `gatewayState` of emit writes, and nothing beside it. */
export const gatewaySchema: z.ZodType<GatewayState> = z.strictObject({
  formatVersion: z.literal(1),
  planDigest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a digest'),
  generation: z
    .int()
    .min(1)
    .max(2 ** 48),
  network: id,
  networkIdentity: id,
  identity: id,
  gateway: id,
  region: id,
  number: z.int().min(1).max(2),
  drained: z.boolean(),
  publicKey,
  nextPublicKey,
  ipv4: address(4),
  ipv6: address(6),
  locator: prefix(6),
  segmentDx4: address(6),
  segmentDx6: address(6),
  segmentLocal: address(6),
  ipv4Block: prefix(4),
  ipv6Block: prefix(6),
  prefixes: z.array(anyPrefix).min(1).max(65).optional(),
  classes: z
    .array(z.strictObject({ class: qosClass, dscp: z.int().min(0).max(63) }))
    .length(qosClasses.length),
  tunnels: z.array(tunnel),
  paths: z.array(path),
  returns: z.array(
    z.strictObject({
      path: id,
      gateway: id,
      probe,
      tunnel: id,
      interfaceName,
      nextHopIpv6: address(6),
      latencyMs: ms,
    }),
  ),
  routes: z.array(route),
  reservations: z.array(
    z.strictObject({
      id,
      to: id,
      class: qosClass,
      bandwidthMbps: mbps,
      paths: z.array(id).min(1),
      window,
    }),
  ),
  peers: z.array(peer),
  operations: z
    .strictObject({
      api: z.boolean(),
      metrics: z
        .strictObject({
          port,
          from: z.array(anyPrefix).max(64),
        })
        .nullable(),
      ssm: z.literal(true).optional(),
      ssmAgent: z
        .strictObject({
          version: z.string().regex(/^[\d.]{1,32}$/),
          sha256: z.strictObject({ arm64: sha256Hex, amd64: sha256Hex.optional() }),
          url: z.string().max(2000).optional(),
        })
        .optional(),
      logs: z.strictObject({ group: z.string().max(512), stream: z.string().max(512) }).optional(),
      webhooks: z
        .array(
          z.strictObject({
            url: z.string().max(2000),
            kinds: z.array(z.string().max(32)).max(64),
            secretFile: z.string().max(256).optional(),
          }),
        )
        .max(16),
    })
    .optional(),
  edge,
  takeover: z
    .strictObject({
      partner: peer,
      tables: z
        .array(z.strictObject({ name: id, home: id }))
        .min(1)
        .max(256),
      operators: prefix(4).optional(),
    })
    .optional(),
});
