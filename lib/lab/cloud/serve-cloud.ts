import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { routeTablesName } from '../../gateway';
import type { CloudGateway, CloudTable, LabCloudConfig } from './cloud-config';

/** A route that a gateway pointed at itself. */
export interface CloudMove {
  readonly by: string;
  readonly table: string;
  readonly destination: string;
}

export interface CloudEffects {
  /** Words of ip(8). */
  setRoute(words: readonly string[]): Promise<void>;
  moved(move: CloudMove): void;
}

interface StoredObject {
  readonly body: string;
  readonly etag: string;
  readonly modifiedMs: number;
}

/** About as long as EC2 takes, ms. */
const ec2Ms = 40;

/**
 * As much of AWS as agents use to take routes over, in AWS's own words: the instance's metadata (IMDSv2),
 * `DescribeRouteTables` and `ReplaceRoute` of EC2's query interface, objects of S3 with conditional writes.
 * Who asks is known by the address that a request comes from. As with a role, a gateway may do no more.
 */
export async function serveCloud(config: LabCloudConfig, effects: CloudEffects): Promise<Server> {
  const objects = new Map<string, StoredObject>();
  for (const { folder } of config.gateways) {
    store(objects, `/${config.bucket}/${folder}/${routeTablesName}`, JSON.stringify(config.deployed));
  }
  const interfaceOf = new Map(config.gateways.map(({ id, interfaceId }) => [id, interfaceId]));
  const targets = new Map(
    config.tables.flatMap(({ id, home }) =>
      config.destinations.map((to): [string, string] => [`${id} ${to}`, interfaceOf.get(home)!]),
    ),
  );
  const answer = async (request: IncomingMessage, body: string): Promise<Answer> => {
    const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const caller = config.gateways.find((gateway) => gateway.address === address);
    if (!caller) return refused(403, 'AccessDenied', `${address} is no gateway`);
    const path = request.url ?? '/';
    if (path.startsWith('/latest/')) return metadata(caller, request.method ?? '', path);
    if (path === '/') return ec2(caller, new URLSearchParams(body));
    return s3(request, path, body);
  };

  const ec2 = async (caller: CloudGateway, asked: URLSearchParams): Promise<Answer> => {
    await sleep(ec2Ms);
    if (asked.get('Action') === 'DescribeRouteTables') return { status: 200, body: describe(asked) };
    const table = config.tables.find(({ id }) => id === asked.get('RouteTableId'));
    const to = asked.get('DestinationCidrBlock') ?? asked.get('DestinationIpv6CidrBlock') ?? '';
    const target = asked.get('NetworkInterfaceId');
    const known = table && targets.has(`${table.id} ${to}`);
    if (asked.get('Action') !== 'ReplaceRoute' || !known || target !== caller.interfaceId)
      return refused(400, 'InvalidParameterValue', `${caller.id} may not point ${to} at ${target}`);
    await point(effects, table, to, caller);
    targets.set(`${table.id} ${to}`, target);
    effects.moved({ by: caller.id, table: table.name, destination: to });
    return { status: 200, body: '<ReplaceRouteResponse><return>true</return></ReplaceRouteResponse>' };
  };

  const describe = (asked: URLSearchParams): string => {
    const ids = [...asked].filter(([name]) => name.startsWith('RouteTableId.')).map(([, id]) => id);
    const item = (to: string, id: string) => {
      const name = to.includes(':') ? 'destinationIpv6CidrBlock' : 'destinationCidrBlock';
      const target = targets.get(`${id} ${to}`)!;
      return `<item><${name}>${to}</${name}><networkInterfaceId>${target}</networkInterfaceId></item>`;
    };
    const table = (id: string) => {
      const routes = config.destinations.map((to) => item(to, id)).join('');
      return `<item><routeTableId>${id}</routeTableId><routeSet>${routes}</routeSet></item>`;
    };
    const set = ids.filter((id) => config.tables.some((one) => one.id === id)).map(table);
    const [open, close] = ['', '/'].map((end) => `<${end}routeTableSet>`);
    return `<DescribeRouteTablesResponse>${open}${set.join('')}${close}</DescribeRouteTablesResponse>`;
  };

  const s3 = ({ method, headers }: IncomingMessage, path: string, body: string): Answer => {
    const there = objects.get(path);
    if (method === 'GET') {
      if (!there) return refused(404, 'NoSuchKey', path);
      const modified = new Date(there.modifiedMs).toUTCString();
      return { status: 200, body: there.body, headers: { etag: there.etag, 'last-modified': modified } };
    }
    const match = headers['if-match'];
    const holds = match === undefined ? headers['if-none-match'] !== '*' || !there : there?.etag === match;
    if (method !== 'PUT' || !path.startsWith(`/${config.bucket}/leases/`))
      return refused(403, 'AccessDenied', path);
    if (!holds) return refused(412, 'PreconditionFailed', path);
    return { status: 200, body: '', headers: { etag: store(objects, path, body) } };
  };

  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.once('end', () => {
      void answer(request, body)
        .catch((error: unknown) => refused(500, 'InternalError', String(error)))
        .then((found) => send(response, found));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  return server;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, headers).end(body);
}

function refused(status: number, code: string, message: string): Answer {
  return { status, body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>` };
}

function store(objects: Map<string, StoredObject>, path: string, body: string): string {
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  objects.set(path, { body, etag, modifiedMs: Date.now() });
  return etag;
}

const mac = '02:00:00:00:00:01';
const hourMs = 3_600_000;

function metadata(caller: CloudGateway, method: string, path: string): Answer {
  const found: Readonly<Record<string, () => string>> = {
    'api/token': () => 'token',
    'meta-data/iam/security-credentials/': () => caller.folder,
    [`meta-data/iam/security-credentials/${caller.folder}`]: () =>
      JSON.stringify({
        AccessKeyId: `LAB${caller.folder}`,
        SecretAccessKey: 'lab',
        Token: 'lab',
        Expiration: new Date(Date.now() + hourMs).toISOString(),
      }),
    'meta-data/mac': () => mac,
    [`meta-data/network/interfaces/macs/${mac}/interface-id`]: () => caller.interfaceId,
  };
  const name = path.slice('/latest/'.length);
  if ((method === 'PUT') !== (name === 'api/token') || !Object.hasOwn(found, name))
    return refused(404, 'NotFound', name);
  return { status: 200, body: found[name]() };
}

/** What the VPC's router does from now on, in the kernel of the region's workloads. */
async function point(
  effects: CloudEffects,
  { kernel }: CloudTable,
  destination: string,
  to: CloudGateway,
): Promise<void> {
  if (!kernel) return;
  const six = destination.includes(':');
  await effects.setRoute([
    ...(six ? ['-6'] : []),
    ...['route', 'replace', destination],
    ...['via', six ? to.ipv6 : to.ipv4, 'dev', to.device, 'onlink'],
    ...['src', six ? kernel.ipv6 : kernel.ipv4, 'table', kernel.table],
  ]);
}
