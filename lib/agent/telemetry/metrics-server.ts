import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { Gate, inSlices, type GateBounds, type Pacer } from '../serve';
import { metricsType } from './metrics-text';

/** How the agent is, for load balancers and systemd. */
export interface Readiness {
  /** Does its work. */
  readonly healthy: boolean;
  /** One sentence: why it does not, or what an operator should know all the same; empty: nothing. */
  readonly health: string;
  /** A plan is applied and its tunnels are there. */
  readonly ready: boolean;
  /** One sentence: why it is not ready. */
  readonly reason: string;
}

/** A listening server; `port` is the real one where 0 was asked for. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface MetricsPlace {
  readonly host: string;
  readonly port: number;
  /** How old a scrape may be, ms; default 1,000. Whoever asks within that time gets the same text. */
  readonly freshMs?: number;
  readonly bounds?: Partial<GateBounds>;
  /** Whose connections are taken, by address. Default: everybody's. */
  readonly admits?: (address: string) => boolean;
}

const usualBounds: GateBounds = {
  connections: 64,
  firstMs: 5_000,
  idleMs: 65_000,
  requestMs: 5_000,
  readMs: 10_000,
};
/** Connections that the kernel keeps until we take them: so many are taken in one turn. */
const backlog = 64;

/**
 * `/metrics`, `/healthz` and `/readyz` over HTTP: read-only, without secrets. Listens where told; the
 * caller's default is loopback. All work goes through the pacer: one rendering at a time serves all who ask.
 *
 * @param pieces the metrics as they are now.
 * @throws Error if the address cannot be listened on.
 */
export async function serveMetrics(
  pieces: () => AsyncIterable<string>,
  readiness: () => Readiness,
  pace: Pacer,
  { host, port, freshMs = 1_000, bounds, admits = () => true }: MetricsPlace,
): Promise<MetricsServer> {
  let rendered: { readonly atMs: number; readonly text: Promise<Buffer> } | undefined;
  const scrape = () => {
    const nowMs = performance.now();
    if (rendered === undefined || nowMs - rendered.atMs >= freshMs) {
      rendered = { atMs: nowMs, text: inSlices(pace, pieces()) };
    }
    return rendered.text;
  };
  const http = createHttpServer((request, response) => {
    const plain = 'text/plain; charset=utf-8';
    const answer = (status: number, type: string, text: string | Buffer) =>
      pace.soon(() => answerWith(request, response, status, type, text));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      // Whatever it sends with it is not read.
      response.setHeader('connection', 'close');
      return answer(405, plain, 'only GET and HEAD\n');
    }
    const { healthy, health, ready, reason } = readiness();
    switch ((request.url ?? '').split('?')[0]) {
      case '/metrics':
        return void scrape().then(
          (text) => answer(200, metricsType, text),
          (error: unknown) => {
            rendered = undefined;
            answer(500, plain, `${error instanceof Error ? error.message : 'failed'}\n`);
          },
        );
      case '/healthz':
        return answer(healthy ? 200 : 503, plain, `${healthyText(healthy, health)}\n`);
      case '/readyz':
        return answer(ready ? 200 : 503, plain, `${ready ? 'ok' : reason}\n`);
      default:
        return answer(404, plain, 'there are /metrics, /healthz and /readyz\n');
    }
  });
  const gate = new Gate(http, pace, { ...usualBounds, ...bounds });
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    if (admits(socket.remoteAddress ?? '')) gate.admit(socket);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      // Later faults, such as no file descriptor left for a client, are the client's.
      server.on('error', () => undefined);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        gate.close();
        http.close();
      }),
  };
}

/** `ok`, and what there is to know. */
function healthyText(healthy: boolean, health: string): string {
  if (!healthy) return health;
  return health === '' ? 'ok' : `ok; ${health}`;
}

function answerWith(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  text: string | Buffer,
): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(request.method === 'HEAD' ? undefined : text);
}
