import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { GatewayState } from '../../gateway';
import { operationsPort } from '../../model/network';
import { contains, parsePrefix, tryParseAddress } from '../../net';
import { operationsNameText, tryOperationsKey, type OperationsName } from '../../net/keys';
import { serveRemotely, startWebhooks, type AgentView, type RemoteKey, type Webhook } from '../api';
import type { AgentEvent } from '../decide';
import type { Pacer } from '../serve';
import type { Bundle } from '../bundle/read-bundle';

/** How operators get in from elsewhere, as the plan says it. */
export interface WayIn {
  /** Opens and closes what this plan wants; what cannot be opened now is tried again with the next call. */
  follow(bundle: Bundle): Promise<void>;
  publish(event: AgentEvent): void;
  close(): Promise<void>;
}

/** Something that listens or calls. */
interface Service {
  publish?(event: AgentEvent): void;
  close(): Promise<void>;
}

export interface WayInParts {
  readonly view: AgentView;
  readonly pace: Pacer;
  /** File with the unsealing secrets. */
  readonly unseal: string;
  /** Serves metrics at an address, to those that it admits. */
  readonly metrics: (host: string, port: number, admits: (address: string) => boolean) => Promise<Service>;
  readonly log: (message: string) => void;
}

/** By name: what is wanted, and how it is opened. */
type Wanted = ReadonlyMap<string, () => Promise<Service>>;

export function openWayIn(parts: WayInParts): WayIn {
  const open = new Map<string, Service>();
  const told = new Set<string>();
  let work = Promise.resolve();
  const adapt = async (wanted: Wanted) => {
    for (const [name, service] of [...open]) {
      if (wanted.has(name)) continue;
      open.delete(name);
      await service.close();
    }
    for (const [name, begin] of wanted) {
      if (open.has(name)) continue;
      try {
        open.set(name, await begin());
        told.delete(name);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (!told.has(name)) parts.log(`${name.slice(0, 80)} is not served: ${why}; it is tried again`);
        told.add(name);
      }
    }
  };
  return {
    follow: (bundle) =>
      (work = work
        .then(() => adapt(wantedOf(bundle, parts)))
        .catch((error: unknown) => parts.log(`the way in for operators: ${String(error)}`))),
    publish(event) {
      for (const service of open.values()) service.publish?.(event);
    },
    close: () => (work = work.then(() => adapt(new Map())).catch(() => undefined)),
  };
}

function wantedOf({ gateway, sealed }: Bundle, parts: WayInParts): Wanted {
  const { operations } = gateway;
  const wanted = new Map<string, () => Promise<Service>>();
  if (!operations) return wanted;
  if (operations.api && sealed) {
    const { view, pace } = parts;
    const name = keyName(gateway, sealed.secretVersion);
    wanted.set(`the API at ${gateway.ipv4} under ${operationsNameText(name)}`, async () => {
      const key = readKey(name, parts.unseal);
      return serveRemotely(view, { host: gateway.ipv4, port: operationsPort, key: () => key, pace });
    });
  }
  if (operations.metrics) {
    const { port, from } = operations.metrics;
    const admits = within(from.length > 0 ? from : networksOf(gateway));
    for (const host of [gateway.ipv4, gateway.ipv6, ...regionAddresses(gateway)]) {
      const name = `metrics at ${host} port ${port} for ${from.join(' ')}`;
      wanted.set(name, () => parts.metrics(host, port, admits));
    }
  }
  if (operations.webhooks.length > 0) {
    wanted.set(`webhooks ${JSON.stringify(operations.webhooks)}`, () =>
      Promise.resolve(startWebhooks(operations.webhooks.map(hookOf), { log: parts.log })),
    );
  }
  return wanted;
}

function hookOf({
  url,
  kinds,
  secretFile,
}: NonNullable<GatewayState['operations']>['webhooks'][number]): Webhook {
  return {
    url,
    ...(kinds.length > 0 && { kinds: kinds as Webhook['kinds'] }),
    ...(secretFile !== undefined && { secret: readFileSync(secretFile, 'utf8').trim() }),
  };
}

function keyName({ networkIdentity, identity }: GatewayState, epoch: number): OperationsName {
  return { network: networkIdentity, gateway: identity, epoch };
}

/** @throws Error if there is no secret of the epoch that the bundle was sealed in. */
function readKey(name: OperationsName, unseal: string): RemoteKey {
  const key = tryOperationsKey(readFileSync(unseal, 'utf8'), name);
  if (!key) throw new Error(`there is no unsealing secret ${name.epoch}`);
  return { name: operationsNameText(name), key };
}

/** Where the gateway is in its region: what it serves there is served nowhere else. */
function regionAddresses({ ipv4Block, ipv6Block }: GatewayState): string[] {
  const admits = within([ipv4Block, ipv6Block]);
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [...new Set(all.map(({ address }) => address).filter(admits))].sort();
}

/** All networks of the plan. */
function networksOf({ ipv4Block, ipv6Block, prefixes = [], routes }: GatewayState): string[] {
  const far = routes.flatMap((route) => [...route.ipv4Prefixes, ...route.ipv6Prefixes]);
  return [...new Set([ipv4Block, ipv6Block, ...prefixes, ...far])];
}

function within(texts: readonly string[]): (address: string) => boolean {
  const prefixes = texts.map(parsePrefix);
  return (text) => {
    const address = tryParseAddress(text.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, ''));
    return address !== undefined && prefixes.some((prefix) => contains(prefix, address));
  };
}
