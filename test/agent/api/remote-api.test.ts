import { connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { remoteTls, serveRemotely, type AgentView, type RemoteServer } from '../../../lib/agent/api';
import { AgentProblem } from '../../../lib/agent/client';
import { connectOver } from '../../../lib/agent/client/connect';
import { remoteTransport } from '../../../lib/agent/client/remote-transport';
import type { AgentEvent } from '../../../lib/agent/decide';
import { operationsNameText, tryOperationsKey, tryOperationsName } from '../../../lib/net/keys';

const name = { network: 'demo', gateway: 'a/1', epoch: 7 };
const unseal = `7 ${Buffer.alloc(32, 1).toString('base64')}\n3 ${Buffer.alloc(32, 2).toString('base64')}\n`;
const right = { name: operationsNameText(name), key: tryOperationsKey(unseal, name)! };

let drained: string[];
let history: AgentEvent[];
const view = {
  state: () => ({ gateway: 'a/1', drained, lastEvent: history.at(-1)?.id ?? 0 }),
  eventsAfter: (after: number) => history.filter((e) => e.id > after),
  drainable: () => new Set(['region b']),
  drain: ({ of, id, forSeconds }: { of: string; id: string; forSeconds?: number }, on: boolean) => {
    drained = on ? [`${of} ${id} ${forSeconds ?? 'on'}`] : [];
  },
  doctor: () => Promise.resolve({ checks: [{ name: 'clock', state: 'ok', says: 'it runs', next: '' }] }),
} as unknown as AgentView;

let server: RemoteServer;
let clockMs = 0;
const sockets: Socket[] = [];
beforeEach(async () => {
  [drained, history] = [[], []];
  server = await serveRemotely(view, { host: '127.0.0.1', port: 0, key: () => right, nowMs: () => clockMs });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

function client(key: { name: string; key: Uint8Array } | undefined = right, timeoutMs = 5_000) {
  const place = { host: '127.0.0.1', port: server.port, key: () => key };
  return connectOver(remoteTransport(place), timeoutMs);
}

/** A connection that says nothing. */
async function silent(): Promise<Socket> {
  const socket = netConnect(server.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await new Promise((done) => socket.once('connect', done));
  return socket;
}

describe("the agent's API for operators elsewhere", () => {
  it('answers who has the key: status, drains with and without an end, the doctor', async () => {
    expect((await client().state()).gateway).toBe('a/1');
    expect((await client().drain({ of: 'region', id: 'b', forSeconds: 7200 })).drained).toEqual([
      'region b 7200',
    ]);
    expect((await client().undrain({ of: 'region', id: 'b' })).drained).toEqual([]);
    expect((await client().doctor()).checks).toHaveLength(1);
    await expect(client().drain({ of: 'region', id: 'b', forSeconds: 0 })).rejects.toMatchObject({
      status: 400,
    });
  });

  it.each([
    ['another key under the right name', { name: right.name, key: new Uint8Array(32) }],
    ['the right key under another name', { name: `${right.name}0`, key: right.key }],
    [
      'the key of an earlier epoch',
      { name: right.name, key: tryOperationsKey(unseal, { ...name, epoch: 3 })! },
    ],
    ['no key', undefined],
  ])('lets nobody in with %s', async (_what, key) => {
    const asked = key === undefined ? noKey() : client(key).state();
    await expect(asked).rejects.toBeInstanceOf(AgentProblem);
    expect(drained).toEqual([]);
    expect((await client().state()).gateway).toBe('a/1');
  });

  function noKey(): Promise<unknown> {
    const place = { host: '127.0.0.1', port: server.port, key: () => undefined };
    return connectOver(remoteTransport(place)).state();
  }

  it('speaks nothing but ephemeral keys with a shared one', async () => {
    const cipher = await new Promise<unknown>((resolve, reject) => {
      const socket = tlsConnect({
        ...remoteTls,
        host: '127.0.0.1',
        port: server.port,
        pskCallback: () => ({ psk: right.key, identity: right.name }),
        checkServerIdentity: () => undefined,
      });
      sockets.push(socket);
      socket.once('error', reject);
      socket.once('secureConnect', () => resolve(socket.getEphemeralKeyInfo()));
    });
    expect(cipher).toMatchObject({ type: 'ECDH', name: 'X25519' });
    for (const ciphers of ['PSK-AES256-GCM-SHA384', 'ECDHE-RSA-AES128-GCM-SHA256']) {
      const refused = new Promise<string>((resolve) => {
        const socket = tlsConnect({
          ciphers,
          host: '127.0.0.1',
          port: server.port,
          rejectUnauthorized: false,
          maxVersion: 'TLSv1.2',
          pskCallback: () => ({ psk: right.key, identity: right.name }),
          checkServerIdentity: () => undefined,
        });
        sockets.push(socket);
        socket.once('secureConnect', () => resolve('let in'));
        socket.once('error', (error) => resolve(String(error)));
      });
      await expect(refused).resolves.toMatch(/handshake failure/);
    }
  });

  it('serves an operator while strangers hold connections, and refuses a storm of handshakes', async () => {
    for (let i = 0; i < 30; i++) await silent();
    expect((await client().state()).gateway).toBe('a/1');
    await Promise.all(Array.from({ length: 60 }, silent));
    await expect(client().state()).rejects.toBeInstanceOf(AgentProblem);
    // Of 40 at once some were pushed out by later ones; the others never began a handshake.
    expect(server.refused).toBeGreaterThanOrEqual(90 - 40);
    clockMs += 1_000;
    expect((await client().state()).gateway).toBe('a/1');
  });

  it('drops who does not finish a handshake within three seconds', async () => {
    const socket = await silent();
    const from = performance.now();
    await new Promise((done) => socket.once('close', done));
    expect(performance.now() - from).toBeLessThan(4_500);
  });

  it('sends events as they come', async () => {
    const stop = new AbortController();
    const got: string[] = [];
    const reading = (async () => {
      const place = { host: '127.0.0.1', port: server.port, key: () => right };
      for await (const event of connectOver(remoteTransport(place)).events({ signal: stop.signal })) {
        got.push(event.what);
        stop.abort();
      }
    })();
    while (server.subscribers === 0) await sleep(5);
    const event = {
      id: 1,
      kind: 'drain',
      what: 'region b',
      from: '',
      to: '',
      cause: '',
      atMs: 1,
      utcMs: 1,
    } as const;
    history.push(event);
    server.publish(event);
    await reading;
    expect(got).toEqual(['region b']);
  });

  it('says within its deadline that nothing answers', async () => {
    const place = { host: '127.0.0.1', port: 1, key: () => right };
    await expect(connectOver(remoteTransport(place)).state()).rejects.toMatchObject({
      message: 'nothing listens on 127.0.0.1 port 1',
    });
  });
});

describe('the key of operators', () => {
  it('differs by network, gateway and epoch, and is none of the secrets', () => {
    const keys = [
      name,
      { ...name, network: 'other' },
      { ...name, gateway: 'a/2' },
      { ...name, epoch: 3 },
    ].map((of) => Buffer.from(tryOperationsKey(unseal, of)!).toString('hex'));
    expect(new Set([...keys, Buffer.alloc(32, 1).toString('hex')]).size).toBe(5);
    expect(tryOperationsKey(unseal, { ...name, epoch: 8 })).toBeUndefined();
  });

  it('has a name that is read back, and no other text is one', () => {
    expect(tryOperationsName(operationsNameText(name))).toEqual(name);
    for (const text of ['', 'dwcp-operations 1 demo a/1', `${operationsNameText(name)} x`, 'hint'])
      expect(tryOperationsName(text)).toBeUndefined();
  });
});
