import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { connect as netConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import path from 'node:path';
import {
  serveApi,
  startWebhooks,
  readWebhooks,
  type AgentView,
  type LocalServer,
} from '../../../lib/agent/api';
import { AgentProblem, connect } from '../../../lib/agent/client';
import type { AgentEvent } from '../../../lib/agent/decide';
import { seeded } from '../../support/random-seeded';
import { processorClock } from '../../support/processor-clock';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let folder: string;
let socket: string;
let server: LocalServer;
let history: AgentEvent[];
let drains: string[];
let reloads: number;
let refusal: string;

const event = (id: number, kind: AgentEvent['kind'] = 'select'): AgentEvent => ({
  id,
  kind,
  what: 'b bulk',
  from: 'a>b',
  to: 'a>c>b',
  cause: 'no answer for 61 ms',
  atMs: id,
  utcMs: id,
});

let health = { healthy: true, reason: '' };
const view: AgentView = {
  health: () => health,
  state: () => ({
    network: 'demo',
    gateway: 'a/1',
    region: 'a',
    generation: 3,
    planDigest: 'sha256:0',
    version: '0',
    ready: true,
    drained: [...drains].sort(),
    drainedUntil: {},
    lastEvent: history.at(-1)?.id ?? 0,
    unhealed: [],
    fetched: null,
  }),
  routes: () => [{ to: 'b', class: 'bulk', prefixes: ['10.1.0.0/16'], paths: [], state: 'none' }],
  paths: () => [],
  tunnels: () => [],
  reservations: () => [],
  eventsAfter: (after) => history.filter((e) => e.id > after),
  drainable: () => new Set(['link link-a-b', 'region b']),
  drain: ({ of, id }, on) => {
    drains = drains.filter((d) => d !== `${of} ${id}`);
    if (on) drains.push(`${of} ${id}`);
  },
  reload: () => {
    reloads++;
    return Promise.resolve(
      refusal === ''
        ? { ok: true, message: 'applied', next: '' }
        : { ok: false, message: refusal, next: 'again' },
    );
  },
};

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-api-'));
  socket = path.join(folder, 'agent.sock');
  [history, drains, reloads, refusal] = [[], [], 0, ''];
  server = await serveApi(view, { socket });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function publish(e: AgentEvent): void {
  history.push(e);
  server.publish(e);
}

/** One raw request: status and body. */
function raw(where: string, method: string, body?: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const request = httpRequest({ socketPath: socket, path: where, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.once('error', reject);
    request.end(body);
  });
}

describe("the agent's local API", () => {
  it('is a socket that its owner and group alone may open', () => {
    expect(statSync(socket).mode & 0o777).toBe(0o660);
  });

  it('answers a typed client, and drains and undrains', async () => {
    const agent = connect({ socket });
    expect((await agent.state()).gateway).toBe('a/1');
    expect((await agent.routes())[0].state).toBe('none');
    expect((await agent.drain({ of: 'link', id: 'link-a-b' })).drained).toEqual(['link link-a-b']);
    expect((await agent.undrain({ of: 'link', id: 'link-a-b' })).drained).toEqual([]);
    expect(await agent.reload()).toEqual({ ok: true, message: 'applied', next: '' });
  });

  it('refuses in words: what was wrong and what there is', async () => {
    const agent = connect({ socket });
    const wrong = await agent.drain({ of: 'link', id: 'nowhere' }).catch((e: unknown) => e as AgentProblem);
    expect(wrong).toBeInstanceOf(AgentProblem);
    expect(wrong).toMatchObject({
      status: 404,
      message: "this gateway has nothing to do with link 'nowhere'",
      next: 'there are link-a-b',
    });
    refusal = 'the plan has generation 1; generation 3 is applied';
    await expect(agent.reload()).rejects.toMatchObject({ status: 409, message: refusal });
    expect((await raw('/v1/nothing', 'GET')).status).toBe(404);
    expect((await raw('/v1/routes', 'DELETE')).status).toBe(405);
    expect((await raw('/v1/drain', 'POST', 'x'.repeat(100_000))).status).toBe(413);
    expect((await raw('/v1/events', 'GET', undefined, { 'last-event-id': '-1' })).status).toBe(400);
    expect(drains).toEqual([]);
  });

  it('says whether the agent does its work', async () => {
    expect(await raw('/healthz', 'GET')).toEqual({ status: 200, text: '{"ok":true}\n' });
    health = { healthy: false, reason: 'no probe has been sent for 12 s' };
    expect(await raw('/healthz', 'GET')).toEqual({
      status: 503,
      text: '{"ok":false,"reason":"no probe has been sent for 12 s"}\n',
    });
    health = { healthy: true, reason: '' };
  });

  it('says when no agent listens', async () => {
    const away = connect({ socket: path.join(folder, 'none.sock') });
    await expect(away.state()).rejects.toMatchObject({
      message: expect.stringContaining('no agent listens'),
    });
  });

  it('takes over a socket that nobody listens on, and leaves one that somebody does', async () => {
    await expect(serveApi(view, { socket })).rejects.toThrow('another agent listens');
    expect((await connect({ socket }).state()).network).toBe('demo');
    const stale = path.join(folder, 'stale.sock');
    const { spawnSync } = await import('node:child_process');
    const script = `require('net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    const second = await serveApi(view, { socket: stale });
    expect((await connect({ socket: stale }).state()).network).toBe('demo');
    await second.close();
  });

  it('never removes what is no socket, nor listens where anyone may write or the path is cut', async () => {
    const file = path.join(folder, 'precious');
    writeFileSync(file, 'precious');
    await expect(serveApi(view, { socket: file })).rejects.toThrow('is no socket: move it away');
    expect(readFileSync(file, 'utf8')).toBe('precious');
    const open = path.join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    const anyone = serveApi(view, { socket: path.join(open, 'agent.sock') });
    await expect(anyone).rejects.toThrow('may be written by anyone');
    const long = path.join(folder, 'x'.repeat(120));
    await expect(serveApi(view, { socket: long })).rejects.toThrow('longer than 107 bytes');
  });

  it('streams events in order, and resumes after the last one that was seen', async () => {
    for (let id = 1; id <= 5; id++) publish(event(id));
    const seen: number[] = [];
    const stop = new AbortController();
    for await (const e of connect({ socket }).events({ after: 2, signal: stop.signal })) {
      seen.push(e.id);
      if (e.id === 5) publish(event(6));
      if (e.id === 6) break;
    }
    expect(seen).toEqual([3, 4, 5, 6]);
  });

  it('lets a client come back after a restart, without a gap', async () => {
    for (let id = 1; id <= 2; id++) publish(event(id));
    const seen: number[] = [];
    for await (const e of connect({ socket }).events({ after: 0 })) {
      seen.push(e.id);
      if (e.id === 2) {
        await server.close();
        history.push(event(3));
        server = await serveApi(view, { socket });
      }
      if (e.id === 3) break;
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('does not let a client miss the events of an agent that counts anew', async () => {
    for (let id = 1; id <= 50; id++) publish(event(id));
    const seen: number[] = [];
    for await (const e of connect({ socket }).events({ after: 49 })) {
      seen.push(e.id);
      if (e.id === 50) {
        await server.close();
        history = [event(1), event(2)];
        server = await serveApi(view, { socket });
      }
      if (e.id === 2) break;
    }
    expect(seen).toEqual([50, 1, 2]);
  });

  it('does not let a client miss what happens before it has seen its first event', async () => {
    for (let id = 1; id <= 3; id++) publish(event(id));
    const events = connect({ socket }).events()[Symbol.asyncIterator]();
    const first = events.next();
    while (server.subscribers === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await server.close();
    history.push(event(4));
    server = await serveApi(view, { socket });
    expect((await first).value).toMatchObject({ id: 4 });
    await events.return?.(undefined);
  });

  it('keeps nothing for a subscriber that does not read, and gives it everything once it does', async () => {
    const slow = netConnect(socket);
    slow.write('GET /v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 0\r\n\r\n');
    await new Promise((resolve) => slow.once('data', resolve));
    slow.pause();
    const cause = 'x'.repeat(20_000);
    for (let id = 1; id <= 200; id++) {
      publish({ ...event(id), cause });
      await new Promise((resolve) => setImmediate(resolve));
    }
    collect();
    let text = '';
    slow.on('data', (part: Buffer) => (text += part.toString())).resume();
    while (!text.includes('id: 200\n')) await new Promise((resolve) => setTimeout(resolve, 10));
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map((m) => Number(m[1]));
    expect(ids).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    slow.destroy();
  });

  it('drops a subscriber whose next event is no longer kept', async () => {
    const slow = netConnect(socket);
    slow.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => slow.once('data', resolve));
    slow.pause();
    for (let id = 1; id <= 300; id++) {
      publish({ ...event(id), cause: 'x'.repeat(20_000) });
      if (history.length > 100) history.shift();
      // Served until it is behind, and then left behind.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(server.subscribers).toBe(1);
    const closed = new Promise((resolve) => slow.once('close', resolve));
    slow.resume();
    await closed;
    expect(server.subscribers).toBe(0);
  });

  it('drops a subscriber that is stuck, and keeps a quiet one alive', async () => {
    await server.close();
    server = await serveApi(view, { socket, heartbeatMs: 50 });
    const [slow, quiet] = [netConnect(socket), netConnect(socket)];
    let alive = 0;
    quiet.on('data', (part: Buffer) => (alive += part.toString().split(': alive').length - 1));
    for (const one of [slow, quiet]) one.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => slow.once('data', resolve));
    slow.pause();
    for (let id = 1; id <= 100; id++) publish({ ...event(id), cause: 'x'.repeat(20_000) });
    while (server.subscribers > 1) await new Promise((resolve) => setTimeout(resolve, 10));
    while (alive < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.subscribers).toBe(1);
    for (const one of [slow, quiet]) one.destroy();
  });

  it('tells 300 events to 64 subscribers without holding up the event loop', async () => {
    const slow = Array.from({ length: 64 }, () => netConnect(socket));
    let bytes = 0;
    for (const one of slow) {
      one.on('data', (part: Buffer) => (bytes += part.length));
      one.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
    }
    while (server.subscribers < 64) await new Promise((resolve) => setTimeout(resolve, 10));
    const used = processorClock();
    const start = used.ms();
    for (let id = 1; id <= 300; id++) publish(event(id));
    const published = used.ms() - start;
    used.close();
    const wanted = 64 * 300 * JSON.stringify(event(100)).length;
    while (bytes < wanted) await new Promise((resolve) => setTimeout(resolve, 10));
    process.stdout.write(`300 events for 64 subscribers: published in ${published.toFixed(1)} ms\n`);
    expect(published).toBeLessThan(20);
    for (const one of slow) one.destroy();
  });

  it('answers what is no HTTP, too long or too slow with a problem document', async () => {
    await server.close();
    server = await serveApi(view, { socket, requestMs: 200 });
    const say = (text: string) =>
      new Promise<[string, { status: number; detail: string }]>((resolve) => {
        let got = '';
        const connection = netConnect(socket, () => connection.write(text));
        connection.on('data', (part: Buffer) => (got += part.toString()));
        connection.on('close', () => {
          const [head, body] = got.split('\r\n\r\n');
          resolve([head.split('\r\n')[0], JSON.parse(body) as never]);
        });
      });
    const cases: [string, number, string][] = [
      ['no HTTP\r\n\r\n', 400, 'that is no HTTP request'],
      [`GET / HTTP/1.1\r\nx: ${'y'.repeat(9_000)}\r\n\r\n`, 431, 'the headers have more than 8192 bytes'],
      ['GET /v1/state HTTP/1.1\r\nhost: x\r\n', 408, 'the request took too long'],
    ];
    for (const [text, status, detail] of cases) {
      const [line, problem] = await say(text);
      expect([line.split(' ')[1], problem]).toMatchObject([String(status), { status, detail }]);
    }
  });

  it('survives 10,000 requests that are none (seed 5): no change, no crash, no growth', async () => {
    const random = seeded(5);
    const places = [
      '/v1/drain',
      '/v1/undrain',
      '/v1/reload/',
      '/v1/../v1/drain',
      '/v1/state?x',
      '/',
      '/%00',
      '/v1/events',
    ];
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '{"of":"link"}',
      '{"of":"link","id":7}',
      '{"of":"region","id":"__proto__"}',
      '{"of":"link","id":"link-a-b","x":1}',
      '\u0000\uffff',
      '"'.repeat(500),
    ];
    const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'GET'];
    const one = async () => {
      if (random.chance(0.2)) {
        // Bytes that are no HTTP at all.
        const connection = netConnect(socket);
        connection.on('error', () => undefined);
        connection.end(
          Array.from({ length: random.whole(1, 60) }, () => String.fromCharCode(random.whole(0, 255))).join(
            '',
          ),
          'latin1',
        );
        await new Promise((resolve) => connection.once('close', resolve).resume());
        return;
      }
      const where = random.pick(places);
      const method = where === '/v1/events' ? 'POST' : random.pick(methods);
      const { status } = await raw(where, method, method === 'GET' ? undefined : random.pick(bodies)).catch(
        () => ({ status: 400 }),
      );
      if (where !== '/v1/state?x') expect(status).toBeGreaterThanOrEqual(400);
    };
    const round = async (n: number) => {
      for (let i = 0; i < n; i += 20) await Promise.all(Array.from({ length: 20 }, one));
    };
    await round(2_000);
    collect();
    const before = process.memoryUsage().heapUsed;
    await round(8_000);
    collect();
    const grown = (process.memoryUsage().heapUsed - before) / 2 ** 20;
    process.stdout.write(`10,000 malformed requests: heap grew by ${grown.toFixed(1)} MiB
`);
    expect([drains, reloads, server.subscribers]).toEqual([[], 0, 0]);
    expect(grown).toBeLessThan(5);
    expect((await connect({ socket }).state()).network).toBe('demo');
  }, 300_000);
});

describe('webhooks', () => {
  const parts = (statuses: (number | Error)[], bodies: string[] = [], waits: number[] = []) => ({
    post: (_url: string, body: string) => {
      bodies.push(body);
      const status = statuses.shift() ?? 204;
      return status instanceof Error ? Promise.reject(status) : Promise.resolve(status);
    },
    random: () => 0.5,
    wait: (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  const settled = async (hooks: ReturnType<typeof startWebhooks>) => {
    while (hooks.figures.some((f) => f.waiting > 0 || f.delivered + f.failed === 0)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setImmediate(resolve));
  };

  it('try again with exponential backoff and full jitter, in order', async () => {
    const bodies: string[] = [];
    const waits: number[] = [];
    const hooks = startWebhooks(
      [{ url: 'http://hook' }],
      parts([500, new Error('reset'), 204, 200], bodies, waits),
    );
    hooks.publish(event(1));
    hooks.publish(event(2));
    await settled(hooks);
    expect(waits).toEqual([50, 100]);
    expect(bodies.map((b) => (JSON.parse(b) as AgentEvent).id)).toEqual([1, 1, 1, 2]);
    expect(hooks.figures[0]).toMatchObject({ delivered: 2, failed: 0, dropped: 0 });
  });

  it('give up after three attempts, and at once where the subscriber will never take it', async () => {
    const bodies: string[] = [];
    const hooks = startWebhooks([{ url: 'http://hook' }], parts([500, 500, 500, 410, 200], bodies));
    for (const id of [1, 2, 3]) hooks.publish(event(id));
    await settled(hooks);
    expect(bodies).toHaveLength(5);
    expect(hooks.figures[0]).toMatchObject({ delivered: 1, failed: 2 });
  });

  it('keep a bounded queue for a subscriber that hangs, and drop the oldest', async () => {
    let release: (status: number) => void = () => undefined;
    const hooks = startWebhooks([{ url: 'http://hook', kinds: ['select'] }], {
      settings: { queue: 3 },
      post: () => new Promise((resolve) => (release = resolve)),
    });
    for (let id = 1; id <= 10; id++) hooks.publish(event(id));
    hooks.publish(event(11, 'drain'));
    expect(hooks.figures[0]).toMatchObject({ waiting: 3, dropped: 6 });
    const closing = hooks.close();
    release(200);
    await closing;
  });

  it('reach a real server, signed', async () => {
    const got = new Promise<[string, string]>((resolve) => {
      const listener = createServer((request, response) => {
        let body = '';
        request.on('data', (part: Buffer) => (body += part.toString()));
        request.once('end', () => {
          response.end();
          listener.close();
          resolve([String(request.headers['x-dwcp-signature']), body]);
        });
      });
      listener.listen(0, '127.0.0.1', () => {
        const { port } = listener.address() as { port: number };
        startWebhooks([{ url: `http://127.0.0.1:${port}/x`, secret: 'test fixture' }]).publish(event(1));
      });
    });
    const [signature, body] = await got;
    const { createHmac } = await import('node:crypto');
    expect(signature).toBe(`sha256=${createHmac('sha256', 'test fixture').update(body).digest('hex')}`);
    expect((JSON.parse(body) as AgentEvent).id).toBe(1);
  });

  it.each(['before its status', 'after its status'])(
    'do not keep an agent from ending, whose receiver trickles %s',
    async (when) => {
      let asked: () => void = () => undefined;
      const listener = createServer((request, response) => {
        request.resume();
        if (when === 'after its status') response.writeHead(200);
        else response.socket?.write('HTTP/1.1 100 Continue\r\n');
        const drip = setInterval(() => {
          if (when === 'after its status') response.write('x');
          else response.socket?.write('x: y\r\n');
        }, 20);
        response.socket?.once('close', () => clearInterval(drip));
        asked();
      });
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
      const { port } = listener.address() as { port: number };
      const reached = new Promise<void>((resolve) => (asked = resolve));
      const hooks = startWebhooks([{ url: `http://127.0.0.1:${port}/` }], {
        settings: { timeoutMs: 60_000 },
      });
      hooks.publish(event(1));
      await reached;
      const start = performance.now();
      await hooks.close();
      expect(performance.now() - start).toBeLessThan(2000);
      listener.closeAllConnections();
      listener.close();
    },
  );

  it('break an attempt off at its deadline in total, however it trickles', async () => {
    const said: string[] = [];
    const listener = createServer((_request, response) => {
      const drip = setInterval(() => response.socket?.write('x'), 20);
      response.socket?.once('close', () => clearInterval(drip));
      response.socket?.write('HTTP/1.1 200 OK\r\nx: ');
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as { port: number };
    const hooks = startWebhooks([{ url: `http://127.0.0.1:${port}/` }], {
      settings: { timeoutMs: 300, attempts: 1 },
      log: (line) => said.push(line),
    });
    hooks.publish(event(1));
    while (hooks.figures[0].failed === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(said).toEqual([expect.stringContaining('no answer within 300 ms')]);
    await hooks.close();
    listener.closeAllConnections();
    listener.close();
  });

  it('are read from a file, and refused in words', () => {
    expect(readWebhooks('[{"url": "https://example.org/x", "kinds": ["select"]}]', 'w')).toHaveLength(1);
    const refusals: [string, string][] = [
      ['{', 'w is no JSON'],
      ['{}', 'w is no list of webhooks'],
      ['[{"url": "ftp://x"}]', "w[0]: 'url' is no http or https address"],
      ['[{"url": "http://x", "more": 1}]', "w[0]: 'more' is unknown; there are url, kinds and secret"],
      ['[{"url": "http://x", "kinds": "select"}]', "w[0]: 'kinds' is no list of names"],
    ];
    for (const [text, message] of refusals) expect(() => readWebhooks(text, 'w')).toThrow(message);
  });
});
