import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentState } from '../../../lib/agent/decide';
import { tryReadSource } from '../../../lib/agent/aws/cloud-source';
import { awsCloud } from '../../../lib/agent/takeover';
import { sendCall, type HttpCall } from '../../../lib/agent/aws/http-call';
import type { Lease } from '../../../lib/agent/takeover/lease';
import { startTakeover } from '../../../lib/agent/takeover/start-takeover';
import { gatewayState, type RouteTablesFile } from '../../../lib/gateway';
import { planOf } from '../../support/plan-of';
import { ec2, motoHint, motoProgram, signed, startMoto, type Moto } from '../../support/moto';

const print = (text: string) => void process.stdout.write(`${text}\n`);
const program = motoProgram();
if (program === undefined) print(`skipped: moto is not installed (${motoHint})`);
const withMoto = program === undefined ? describe.skip : describe;

const region = 'eu-west-1';
const bucket = 'dwcp-tables';
const location = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
const lease = (epoch: number, by: string): Lease => {
  return { formatVersion: 1, epoch, by, phase: 'claim', moves: 0 };
};

/** The instance's metadata, with a token that is asked for and credentials that expire. */
function startMetadata(interfaceId: string, expires: () => number): Promise<Server> {
  const answers: Readonly<Record<string, () => string>> = {
    'iam/security-credentials/': () => 'gateway',
    'iam/security-credentials/gateway': () =>
      JSON.stringify({
        AccessKeyId: 'AKIATEST',
        SecretAccessKey: 'secret',
        Token: 'session',
        Expiration: new Date(expires()).toISOString(),
      }),
    mac: () => '02:00:00:00:00:01',
    'network/interfaces/macs/02:00:00:00:00:01/interface-id': () => interfaceId,
  };
  const server = createServer((request, response) => {
    const name = request.url!.replace('/latest/meta-data/', '');
    if (request.method === 'PUT' && request.url === '/latest/api/token') return response.end('a-token');
    const known = request.headers['x-aws-ec2-metadata-token'] === 'a-token' && Object.hasOwn(answers, name);
    response.writeHead(known ? 200 : 401).end(known ? answers[name]() : '');
    return undefined;
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

withMoto('take-over against a stand-in of AWS', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-takeover-aws-'));
  const calls: HttpCall[] = [];
  let moto: Moto;
  let metadata: Server;
  let table = '';
  let vpc = '';
  const interfaces: string[] = [];
  let expiresMs = Date.now() + 3_600_000;

  const cloud = (name = bucket, lease = 'leases/dublin') => {
    const file = path.join(folder, 'source');
    writeFileSync(
      file,
      `AWS_DEFAULT_REGION=${region}\nBUCKET=${name}\nACCOUNT=123456789012\nFOLDER=gateway-1\n`,
    );
    return awsCloud({
      source: tryReadSource(file)!,
      lease,
      endpoint: moto.endpoint,
      metadataEndpoint: `http://127.0.0.1:${(metadata.address() as AddressInfo).port}`,
      send: (call, deadlineMs) => {
        calls.push(call);
        return sendCall(call, deadlineMs);
      },
    });
  };
  const only = (xml: string, name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)![1];
  const put = (key: string, body: string) =>
    fetch(`${moto.endpoint}/${bucket}${key}`, {
      method: 'PUT',
      headers: { authorization: signed(region, 's3') },
      body,
    });

  beforeAll(async () => {
    moto = await startMoto(program!, folder);
    const ask = (action: string, parameters: Record<string, string>) => ec2(moto, region, action, parameters);
    vpc = only(await ask('CreateVpc', { CidrBlock: '10.0.0.0/16' }), 'vpcId');
    const subnet = only(await ask('CreateSubnet', { VpcId: vpc, CidrBlock: '10.0.1.0/24' }), 'subnetId');
    for (let i = 0; i < 2; i++) {
      const made = await ask('CreateNetworkInterface', { SubnetId: subnet });
      interfaces.push(only(made, 'networkInterfaceId'));
    }
    table = only(await ask('CreateRouteTable', { VpcId: vpc }), 'routeTableId');
    for (const [i, to] of ['10.1.0.0/16', '10.2.0.0/16'].entries()) {
      const target = { NetworkInterfaceId: interfaces[i] };
      await ask('CreateRoute', { RouteTableId: table, DestinationCidrBlock: to, ...target });
    }
    const made = await put('', location);
    expect(made.status).toBe(200);
    metadata = await startMetadata(interfaces[0], () => expiresMs);
  }, 90_000);

  afterAll(async () => {
    metadata?.close();
    await moto?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('reads the routes of a table, and points one at its own interface and nowhere else', async () => {
    const of = cloud();
    expect(await of.ownInterface()).toBe(interfaces[0]);
    const before = (await of.tables.read([table])).filter(({ target }) => target !== null);
    expect(before).toEqual([
      { table, destination: '10.1.0.0/16', target: interfaces[0] },
      { table, destination: '10.2.0.0/16', target: interfaces[1] },
    ]);
    await of.tables.takeRoute(table, '10.2.0.0/16');
    const after = (await of.tables.read([table])).filter(({ target }) => target !== null);
    expect(after.map(({ target }) => target)).toEqual([interfaces[0], interfaces[0]]);
    of.close();
  });

  it('refuses a table that is not there, and a route that is not, in words of AWS', async () => {
    const of = cloud();
    await expect(of.tables.read(['rtb-00000000'])).rejects.toThrow(
      /DescribeRouteTables: InvalidRouteTableID/,
    );
    await expect(of.tables.takeRoute(table, '10.9.0.0/16')).rejects.toThrow(/^ReplaceRoute: Invalid/);
    of.close();
  });

  it('writes a lease only where nobody has written since', async () => {
    const of = cloud();
    expect(await of.lease.read()).toEqual({ lease: null, etag: null, ageMs: Infinity });
    const first = await of.lease.write(lease(1, 'dublin/1'), null);
    expect(first).not.toBeNull();
    expect(await of.lease.write(lease(1, 'dublin/2'), null)).toBeNull();
    const seen = await of.lease.read();
    expect(seen).toMatchObject({ lease: lease(1, 'dublin/1'), etag: first });
    expect(seen.ageMs).toBeLessThan(60_000);
    const second = await of.lease.write(lease(2, 'dublin/2'), seen.etag);
    expect(second).not.toBe(first);
    expect(await of.lease.write(lease(2, 'dublin/1'), seen.etag)).toBeNull();
    expect((await of.lease.read()).lease).toEqual(lease(2, 'dublin/2'));
    of.close();
  });

  it('calls a bucket that is not there a fault, not a lease that nobody has written', async () => {
    const of = cloud('no-such-bucket');
    await expect(of.lease.read()).rejects.toThrow('the lease cannot be read: NoSuchBucket');
    await expect(of.lease.write(lease(1, 'dublin/1'), null)).rejects.toThrow('NoSuchBucket');
    of.close();
  });

  it('reads what was deployed, or says that nothing was', async () => {
    const of = cloud();
    expect(await of.deployed()).toBeNull();
    await put('/gateway-1/route-tables.json', '{"formatVersion":1}');
    expect(await of.deployed()).toBe('{"formatVersion":1}');
    of.close();
  });

  it('signs for the region and the service with the session of the role, and renews credentials', async () => {
    const of = cloud();
    calls.splice(0);
    await of.lease.read();
    await of.tables.read([table]);
    await of.lease.read();
    const asked = () => calls.filter(({ url }) => url.pathname.endsWith('/gateway')).length;
    expect(asked()).toBe(1);
    const [s3, api] = calls.filter(({ headers }) => headers.authorization !== undefined);
    expect(s3.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIATEST\/\d{8}\/eu-west-1\/s3\//);
    expect(api.headers.authorization).toMatch(/\/eu-west-1\/ec2\/aws4_request, SignedHeaders=.*host.*x-amz-/);
    expect(api.headers['x-amz-security-token']).toBe('session');
    expect(s3.headers['x-amz-expected-bucket-owner']).toBe('123456789012');
    of.close();
    expiresMs = Date.now() + 60_000;
    const soon = cloud();
    calls.splice(0);
    await soon.lease.read();
    await soon.lease.read();
    expect(asked()).toBe(2);
    soon.close();
  });

  it('moves the routes of a silent partner by real calls, and leaves all others', async () => {
    const plan = planOf({
      network: 'tables',
      regions: { dublin: { place: 'eu-west-1', gateways: { count: 2 } }, ohio: { place: 'us-east-2' } },
      links: [{ between: ['dublin', 'ohio'], bandwidth: '1 Gbps' }],
    });
    const gateway = gatewayState(plan, 'dublin/1');
    const to = plan.regions.find(({ id }) => id === 'ohio')!.ipv4Block;
    const names = ['public', 'private-1', 'private-2'];
    const ids: string[] = [];
    for (const name of names) {
      const id = only(await ec2(moto, region, 'CreateRouteTable', { VpcId: vpc }), 'routeTableId');
      const target = { NetworkInterfaceId: interfaces[name === 'private-2' ? 1 : 0] };
      await ec2(moto, region, 'CreateRoute', { RouteTableId: id, DestinationCidrBlock: to, ...target });
      const yours = { RouteTableId: id, DestinationCidrBlock: '172.16.0.0/16' };
      await ec2(moto, region, 'CreateRoute', { ...yours, NetworkInterfaceId: interfaces[1] });
      ids.push(id);
    }
    const file: RouteTablesFile = {
      formatVersion: 1,
      tables: Object.fromEntries(names.map((name, i) => [name, ids[i]])),
      interfaces: {
        'dublin/1': { id: interfaces[0], ipv4: '10.0.1.4' },
        'dublin/2': { id: interfaces[1], ipv4: '10.0.1.5' },
      },
    };
    await put('/gateway-1/route-tables.json', JSON.stringify(file));
    const of = cloud(bucket, 'leases/nobody-wrote');
    let hear: (heard: boolean) => void = () => undefined;
    const told: string[] = [];
    const health = new Map(gateway.tunnels.map(({ id }) => [`tunnel:${id}`, { health: 'up' }]));
    const takeover = await startTakeover({
      cloud: of,
      neighbour: (onHeard) => {
        hear = onHeard;
        const nothing = () => undefined;
        return Promise.resolve({ watch: nothing, answer: nothing, close: () => Promise.resolve() });
      },
      nowMs: () => performance.now(),
      every: (periodMs, what) => {
        const timer = setInterval(what, periodMs);
        return () => clearInterval(timer);
      },
      agent: () => ({ sessions: health, drains: new Set() }) as unknown as AgentState,
      tell: ({ what, from, to: now }) => void told.push(`${what}: ${from} > ${now}`),
      log: (message) => void told.push(message),
      kept: { read: () => null, write: () => undefined },
    });
    takeover.take(gateway, { own: [], before: new Map() });
    const until = async (holds: () => boolean) => {
      for (let left = 400; !holds() && left > 0; left--) await sleep(25);
      if (!holds()) throw new Error(JSON.stringify([told, takeover.view]));
    };
    try {
      await until(() => takeover.view.state.tables !== null);
      hear(true);
      hear(false);
      const from = performance.now();
      await until(() => told.includes('private-2: dublin/2 > dublin/1'));
      const tookMs = performance.now() - from;
      print(`routes of a silent partner moved ${(tookMs / 1000).toFixed(2)} s after its silence was noticed`);
      const routes = (await of.tables.read(ids)).filter(({ target }) => target !== null);
      const leads = (destination: string) =>
        routes.filter((route) => route.destination === destination).map(({ target }) => target);
      expect(leads(to)).toEqual([interfaces[0], interfaces[0], interfaces[0]]);
      expect(leads('172.16.0.0/16')).toEqual([interfaces[1], interfaces[1], interfaces[1]]);
    } finally {
      await takeover.stop();
    }
  });

  it('gives up after its deadline where nobody answers, and says who did not', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const url = new URL(`http://127.0.0.1:${port}/`);
    const from = performance.now();
    await expect(sendCall({ method: 'GET', url, headers: {} }, 200)).rejects.toThrow(
      `127.0.0.1:${port}: no answer within 200 ms`,
    );
    expect(performance.now() - from).toBeLessThan(2000);
    silent.closeAllConnections();
    silent.close();
  });
});
