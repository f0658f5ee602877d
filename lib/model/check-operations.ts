import { formatPrefix, tryParsePrefix } from '../net';
import type { NetworkDescription, OperationsDescription } from './description';
import { checkPrefix } from './check-addresses';
import { metricsPort, operationsPort, type Operations, type SsmAgent, type WebhookPlace } from './network';
import { readFigure } from './figure-reader';
import type { RawPath, Reporter } from './reporter';

/** TCP ports that something else on a gateway has or may have: BGP (RFC 4271), SSH. */
const othersPorts: readonly number[] = [22, 179, operationsPort];
const mostSources = 64;
const mostWebhooks = 16;

/**
 * Checks how operators get in.
 *
 * @returns null: nobody does, but on the gateway itself.
 */
export function checkOperations(
  { operations: raw }: NetworkDescription,
  reporter: Reporter,
): Operations | null {
  if (raw === undefined) return null;
  const at: RawPath = ['operations'];
  const { api = true, metrics, ssmAgent, ssm = ssmAgent !== undefined, logs, webhooks = [] } = raw;
  if (ssmAgent && !ssm) {
    const next = "leave out 'ssm', or 'ssmAgent'";
    reporter.error('bad-ssm-agent', [...at, 'ssm'], 'an SSM agent is named that may take no orders', next);
  }
  return {
    api,
    metrics: metrics === undefined ? null : checkMetrics(metrics, [...at, 'metrics'], reporter),
    ssm,
    ...(ssmAgent && { ssmAgent: checkSsmAgent(ssmAgent, [...at, 'ssmAgent'], reporter) }),
    ...(logs && { logs: checkLogs(logs, [...at, 'logs'], reporter) }),
    webhooks: checkWebhooks(webhooks, [...at, 'webhooks'], reporter),
  };
}

function checkMetrics(
  { port = metricsPort, from = [] }: NonNullable<OperationsDescription['metrics']>,
  at: RawPath,
  reporter: Reporter,
): NonNullable<Operations['metrics']> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    reporter.error('bad-number', [...at, 'port'], `${port} is no port`, 'give 1 to 65535');
  else if (othersPorts.includes(port)) {
    const next = `leave it out for ${metricsPort}, or give another`;
    reporter.error('port-taken', [...at, 'port'], `port ${port} of gateways is taken`, next);
  }
  if (from.length > mostSources) {
    const message = `has ${from.length} prefixes; ${mostSources} is the most`;
    reporter.error('too-many-prefixes', [...at, 'from'], message, 'aggregate neighbours');
  }
  const sources = from.flatMap((text, i) => checkPrefix(text, null, [...at, 'from', i], reporter) ?? []);
  for (const [i, text] of from.entries()) {
    if (tryParsePrefix(text)?.length !== 0) continue;
    const message = 'the metrics would be open to everybody who reaches a gateway';
    reporter.error('bad-block', [...at, 'from', i], message, 'name the networks of those who scrape');
  }
  return { port, from: [...new Set(sources.map(formatPrefix))].sort() };
}

function checkSsmAgent(
  { version, sha256, url }: NonNullable<OperationsDescription['ssmAgent']>,
  at: RawPath,
  reporter: Reporter,
): SsmAgent {
  const wrong = (path: RawPath, message: string, next: string) =>
    reporter.error('bad-ssm-agent', [...at, ...path], message, next);
  if (!/^\d{1,5}(\.\d{1,5}){1,3}$/.test(version))
    wrong(['version'], 'it is no version of the SSM agent', 'write it like 3.3.2299.0');
  for (const [arch, digest] of Object.entries(sha256)) {
    if (digest !== undefined && !/^[0-9a-fA-F]{64}$/.test(digest))
      wrong(
        ['sha256', arch],
        'it is no SHA-256',
        'give the 64 hex digits that sha256sum prints of the package',
      );
  }
  const fault = url === undefined ? undefined : packageFault(url);
  if (fault) wrong(['url'], fault.message, fault.next);
  const { arm64, amd64 } = sha256;
  return {
    version,
    sha256: {
      arm64: arm64.toLowerCase(),
      ...(amd64 !== undefined && { amd64: amd64.toLowerCase() }),
    },
    ...(url !== undefined && { url }),
  };
}

/** http will do: whoever changes the package on the way changes its SHA-256, too. */
function packageFault(url: string): Omit<Fault, 'key'> | undefined {
  const unknown = [...url.matchAll(/\{([^{}]*)\}/g)].find(([, name]) => !packagePlaces.includes(name));
  if (unknown) {
    const [text] = unknown;
    return { message: `'${text}' is filled in by nobody`, next: 'there are {region}, {version} and {arch}' };
  }
  const filled = url.replace(/\{[^{}]*\}/g, 'x');
  const read = URL.canParse(filled) ? new URL(filled) : undefined;
  if (read?.protocol !== 'https:' && read?.protocol !== 'http:')
    return { message: 'it is no http or https address', next: 'leave it out for the bucket of AWS' };
  if (read.username !== '' || read.password !== '')
    return { message: 'a plan holds no secrets, and this address has one', next: 'serve it without' };
  return undefined;
}

/** What of a package's address a gateway fills in. */
const packagePlaces: readonly string[] = ['region', 'version', 'arch'];

function checkLogs(
  { retention }: NonNullable<OperationsDescription['logs']>,
  at: RawPath,
  reporter: Reporter,
): NonNullable<Operations['logs']> {
  const day = 86_400;
  const seconds =
    retention === undefined
      ? defaultRetentionDays * day
      : readFigure(retention, 'duration', [...at, 'retention'], reporter);
  const days = (seconds ?? defaultRetentionDays * day) / day;
  if (!retentionSteps.includes(days)) {
    const near = retentionSteps.find((step) => step >= days) ?? retentionSteps.at(-1);
    const next = `CloudWatch Logs has steps; the next is ${near} d`;
    reporter.error('bad-number', [...at, 'retention'], `logs cannot be kept for '${retention}'`, next);
  }
  return { retentionDays: days };
}

/** Days for which CloudWatch Logs can keep what it is sent (PutRetentionPolicy). */
const retentionSteps: readonly number[] = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
];
const defaultRetentionDays = 30;

function checkWebhooks(
  raw: NonNullable<OperationsDescription['webhooks']>,
  at: RawPath,
  reporter: Reporter,
): WebhookPlace[] {
  if (raw.length > mostWebhooks) {
    const next = 'let one of them hand on to others';
    reporter.error('bad-webhook', at, `there are ${raw.length} webhooks; ${mostWebhooks} is the most`, next);
    return [];
  }
  const seen = new Set<string>();
  return raw.map(({ url, kinds = [], secretFile }, i): WebhookPlace => {
    const fault = findFault(url, secretFile, kinds);
    if (fault) reporter.error('bad-webhook', [...at, i, fault.key], fault.message, fault.next);
    else if (seen.has(url))
      reporter.error('bad-webhook', [...at, i, 'url'], `${url} stands twice`, 'name it once');
    seen.add(url);
    return { url, kinds: [...new Set(kinds)].sort(), ...(secretFile !== undefined && { secretFile }) };
  });
}

interface Fault {
  readonly key: string;
  readonly message: string;
  readonly next: string;
}

function findFault(url: string, secretFile: string | undefined, kinds: readonly string[]): Fault | undefined {
  const at = (key: string, message: string, next: string): Fault => ({ key, message, next });
  const read = URL.canParse(url) ? new URL(url) : undefined;
  if (read?.protocol !== 'https:' && read?.protocol !== 'http:')
    return at('url', 'it is no http or https address', 'write it like https://hooks.example.com/dwcp');
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(read.hostname);
  if (read.protocol === 'http:' && !isLoopback)
    return at('url', 'what goes over http can be read and changed on the way', 'use https, or loopback');
  if (read.username !== '' || read.password !== '')
    return at('url', 'a plan holds no secrets, and this address has one', "sign by 'secretFile' instead");
  if (secretFile !== undefined && !/^\/[\w./-]{1,200}$/.test(secretFile))
    return at('secretFile', 'it is no absolute path', 'name a file on the gateways: /etc/dwcp/webhook');
  const kind = kinds.find((k) => !/^[a-z][a-z-]{0,31}$/.test(k));
  if (kind !== undefined)
    return at('kinds', `'${kind}' is no kind of event`, "there are 'select', 'drain', 'health' and others");
  return undefined;
}
