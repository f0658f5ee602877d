import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** How the agent is, for load balancers and systemd. */
export interface Readiness {
  /** Runs and decides. */
  readonly healthy: boolean;
  /** A plan is applied and its tunnels are there. */
  readonly ready: boolean;
  /** One sentence. */
  readonly reason: string;
}

/** A listening server; `port` is the real one where 0 was asked for. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `/metrics`, `/healthz` and `/readyz` over HTTP: read-only, without secrets. Listens where told; the
 * caller's default is loopback.
 *
 * @throws Error if the address cannot be listened on.
 */
export async function serveMetrics(
  registry: Registry,
  readiness: () => Readiness,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsServer> {
  const server: Server = createServer((request, response) => {
    const answer = (status: number, type: string, text: string) => {
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    const plain = 'text/plain; charset=utf-8';
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return answer(405, plain, 'only GET and HEAD\n');
    }
    const { healthy, ready, reason } = readiness();
    switch ((request.url ?? '').split('?')[0]) {
      case '/metrics':
        return void registry.metrics().then(
          (text) => answer(200, registry.contentType, text),
          (error: unknown) => answer(500, plain, `${error instanceof Error ? error.message : 'failed'}\n`),
        );
      case '/healthz':
        return answer(healthy ? 200 : 503, plain, `${healthy ? 'ok' : reason}\n`);
      case '/readyz':
        return answer(ready ? 200 : 503, plain, `${ready ? 'ok' : reason}\n`);
      default:
        return answer(404, plain, 'there are /metrics, /healthz and /readyz\n');
    }
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.keepAliveTimeout = 65_000;
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
