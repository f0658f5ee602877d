import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { AgentEvent } from '../decide';
import type { Pacer } from '../serve';
import type { AgentView } from './agent-view';
import { openApi, type LocalServer } from './local-server';
import { remoteTls } from './remote-tls';

/** The key that an operator has to prove. */
export interface RemoteKey {
  /** The name that the client must say, and is told as a hint. */
  readonly name: string;
  readonly key: Uint8Array;
}

export interface RemoteServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Asked at each handshake; undefined: nobody is let in now. */
  readonly key: () => RemoteKey | undefined;
  /** In whose time clients are served; default: its own. */
  readonly pace?: Pacer;
  /** Monotonic ms; tests have their own. */
  readonly nowMs?: () => number;
}

/** A listening remote API. */
export interface RemoteServer extends LocalServer {
  readonly port: number;
  /** Connections that were refused: without the key, too many, too slow. */
  readonly refused: number;
}

/** Connections that have not proved the key: the oldest goes when another comes. */
const mostPending = 16;
/** Connections that have. */
const mostOpen = 32;
const handshakeMs = 3_000;
/** Handshakes a second, and at once: each takes a fraction of a ms from the prober. */
const handshakesPerSecond = 20;
const handshakeBurst = 40;

/**
 * The local API for operators elsewhere in the network: the same requests over TLS. Who cannot prove the key
 * costs a bounded share of the one thread and keeps nobody else out.
 *
 * @throws the system's error if the address cannot be listened on.
 */
export async function serveRemotely(view: AgentView, options: RemoteServerOptions): Promise<RemoteServer> {
  const { host, port, key, pace, nowMs = () => performance.now() } = options;
  const api = openApi(view, { pace, bounds: { connections: mostOpen } });
  // By the far end: the TLS socket takes over the connection's handle, and the plain one forgets it.
  const pending = new Map<string, Socket>();
  let refused = 0;
  const tls = createTlsServer({
    ...remoteTls,
    handshakeTimeout: handshakeMs,
    pauseOnConnect: true,
    pskIdentityHint: key()?.name,
    pskCallback: (_socket, name) => {
      const known = key();
      return known && known.name === name ? known.key : null;
    },
  });
  const budget = tokens(nowMs);
  const gate = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (!budget.take()) {
      refused++;
      return socket.destroy();
    }
    const oldest = pending.values().next().value;
    if (oldest && pending.size >= mostPending) oldest.destroy();
    const far = endOf(socket);
    pending.set(far, socket);
    socket.once('close', () => {
      if (pending.get(far) === socket && pending.delete(far)) refused++;
    });
    tls.emit('connection', socket);
  });
  tls.on('secureConnection', (secure) => {
    pending.delete(endOf(secure));
    api.admit(secure);
  });
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    gate.once('error', reject);
    gate.listen(port, host, resolve);
  });
  const address = gate.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    get refused() {
      return refused;
    },
    publish: (event: AgentEvent) => api.publish(event),
    get subscribers() {
      return api.subscribers;
    },
    close: () =>
      new Promise((resolve) => {
        gate.close(() => resolve());
        api.close();
        for (const socket of pending.values()) socket.destroy();
      }),
  };
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** A bucket of tokens that fills with time. */
function tokens(nowMs: () => number): { take(): boolean } {
  let left = handshakeBurst;
  let lastMs = nowMs();
  return {
    take() {
      const now = nowMs();
      left = Math.min(handshakeBurst, left + ((now - lastMs) / 1000) * handshakesPerSecond);
      lastMs = now;
      if (left < 1) return false;
      left--;
      return true;
    },
  };
}
