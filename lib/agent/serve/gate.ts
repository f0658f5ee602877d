import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Pacer } from './pacer';

/** What clients may take up. */
export interface GateBounds {
  /** Connections at once. One more takes the place of another: who is idle, reads nothing or asks most. */
  readonly connections: number;
  /** How long a connection may stay before its first request has begun, and between two requests, ms. */
  readonly firstMs: number;
  readonly idleMs: number;
  /** How long a request may take to come in, from its first byte to its last, ms. */
  readonly requestMs: number;
  /** How long a client may take to read what is there for it, in total, ms. */
  readonly readMs: number;
}

/** Lets connections in to an HTTP server, within bounds. */
export interface Gate {
  /** Takes over a connection, of TCP, TLS or a Unix socket. */
  admit(socket: Socket): void;
  readonly connections: number;
  /** Breaks off all connections. */
  close(): void;
}

/** Bytes that the HTTP server is given at once: a head, or a part of a body. */
const pieceBytes = 4096;
/** Bytes that the kernel is given at once: it may carry them to the other end before it comes back. */
const writeBytes = 65_536;
const sweepMs = 250;

interface Client {
  readonly socket: Socket;
  /** What the HTTP server takes for its connection; undefined: nothing has come in yet. */
  side: Duplex | undefined;
  /** What came in and was not handed on. */
  input: Buffer;
  ended: boolean;
  /** A job is waiting. */
  queued: boolean;
  /** The request that came in last, and how many have no whole answer. */
  request: IncomingMessage | undefined;
  unanswered: number;
  /** Requests that have begun. */
  asked: number;
  /** Since when a request has been coming in, ms; undefined: none is. */
  comingMs: number | undefined;
  /** Since when it has no request that is being answered, ms. */
  idleMs: number;
  /** Since when there has been something for it to read, ms; undefined: there is nothing. */
  unreadMs: number | undefined;
}

/**
 * Stands between connections and an HTTP server. The server gets one request of a connection at a time, and
 * the next once its answer has been taken, however many were sent in one go; and it gets them in the
 * pacer's time.
 */
export function openGate(http: Server, pace: Pacer, bounds: GateBounds): Gate {
  const clients = new Set<Client>();
  const bySide = new WeakMap<object, Client>();

  http.prependListener('request', (request, response) => {
    const client = bySide.get(request.socket);
    if (!client) return;
    client.request = request;
    client.unanswered++;
    client.asked++;
    const arrived = () => (client.comingMs = undefined);
    if (request.complete) arrived();
    else request.once('end', arrived);
    response.once('close', () => {
      client.unanswered--;
      client.idleMs = performance.now();
      queue(client);
    });
  });

  function admit(socket: Socket): void {
    if (clients.size >= bounds.connections) makeRoom();
    const client: Client = {
      socket,
      side: undefined,
      input: Buffer.alloc(0),
      ended: false,
      queued: false,
      request: undefined,
      unanswered: 0,
      asked: 0,
      comingMs: undefined,
      idleMs: performance.now(),
      unreadMs: undefined,
    };
    clients.add(client);
    socket.on('data', (part: Buffer) => {
      socket.pause();
      client.input = client.input.length === 0 ? part : Buffer.concat([client.input, part]);
      queue(client);
    });
    socket.once('end', () => {
      client.ended = true;
      queue(client);
    });
    // What went wrong is told by the end of the connection.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clients.delete(client);
      client.side?.destroy();
    });
    socket.resume();
  }

  /**
   * Ends one connection. The order: one that never asked for anything, the one idle longest, the one that has
   * left its answer unread longest, and if all wait for an answer, the one that has asked most.
   */
  function makeRoom(): void {
    const rank = ({ asked, unanswered, unreadMs }: Client) => {
      if (unanswered === 0) return asked === 0 ? 0 : 1;
      return unreadMs === undefined ? 3 : 2;
    };
    const within = ({ idleMs, unreadMs, asked, unanswered }: Client) =>
      unanswered === 0 ? idleMs : (unreadMs ?? -asked);
    const [first] = [...clients].sort((a, b) => rank(a) - rank(b) || within(a) - within(b));
    if (!first) return;
    clients.delete(first);
    first.socket.destroy();
  }

  function queue(client: Client): void {
    if (client.queued || client.socket.destroyed) return;
    client.queued = true;
    pace.soon(() => {
      client.queued = false;
      hand(client);
    });
  }

  /** Hands the next piece on, if it is its turn. */
  function hand(client: Client): void {
    const { socket, input, request } = client;
    if (socket.destroyed) return;
    if (client.unanswered > 0 && request?.complete !== false) return;
    if (input.length > 0) {
      const piece = input.subarray(0, pieceEnd(input));
      client.input = input.subarray(piece.length);
      client.side ??= openSide(client);
      client.comingMs ??= performance.now();
      client.side.push(piece);
    }
    if (client.input.length > 0) {
      // The server may learn of the request in a later step of this turn.
      setImmediate(() => queue(client));
    } else if (client.ended) {
      if (client.side) client.side.push(null);
      else socket.destroy();
    } else socket.resume();
  }

  function openSide(client: Client): Duplex {
    const { socket } = client;
    const write = (parts: readonly Buffer[], done: () => void) => {
      client.unreadMs ??= performance.now();
      const pieces = parts.flatMap(inPieces);
      let next = 0;
      const step = () => {
        if (socket.destroyed) return done();
        // What is small is a head and its body, and goes as one packet.
        socket.cork();
        for (let bytes = 0; next < pieces.length && bytes < writeBytes; next++) {
          socket.write(pieces[next]);
          bytes += pieces[next].length;
        }
        socket.uncork();
        if (socket.writableNeedDrain) socket.once('drain', go);
        else go();
      };
      const go = () => {
        if (next < pieces.length) return pace.soon(step);
        client.unreadMs = undefined;
        done();
      };
      step();
    };
    const side = new Duplex({
      read: () => undefined,
      write: (part: Buffer, _encoding, done) => write([part], done),
      writev: (parts: { chunk: Buffer }[], done) =>
        write(
          parts.map(({ chunk }) => chunk),
          done,
        ),
      final: (done) => void socket.end(() => done()),
      destroy: (_error, done) => {
        socket.destroy();
        done(null);
      },
    });
    side.on('error', () => undefined);
    bySide.set(side, client);
    http.emit('connection', side);
    return side;
  }

  // Node's own deadlines begin with a server that listens; this one is handed its connections.
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const client of clients) {
      const { unanswered, asked, idleMs, unreadMs, comingMs, socket, side } = client;
      if (side && comingMs !== undefined && now - comingMs > bounds.requestMs) {
        client.comingMs = undefined;
        const late = Object.assign(new Error('the request took too long'), {
          code: 'ERR_HTTP_REQUEST_TIMEOUT',
        });
        if (!http.emit('clientError', late, side)) socket.destroy();
        continue;
      }
      const idleFor = unanswered > 0 ? 0 : now - idleMs;
      if (
        idleFor > (asked > 0 ? bounds.idleMs : bounds.firstMs) ||
        (unreadMs !== undefined && now - unreadMs > bounds.readMs)
      ) {
        socket.destroy();
      }
    }
  }, sweepMs);
  sweep.unref();

  return {
    admit,
    get connections() {
      return clients.size;
    },
    close() {
      clearInterval(sweep);
      for (const { socket } of clients) socket.destroy();
    },
  };
}

function inPieces(part: Buffer): readonly Buffer[] {
  if (part.length <= writeBytes) return [part];
  return Array.from({ length: Math.ceil(part.length / writeBytes) }, (_, i) =>
    part.subarray(i * writeBytes, (i + 1) * writeBytes),
  );
}

/** The end of the first head in it, or of as much as is handed on at once. */
function pieceEnd(input: Buffer): number {
  const part = input.subarray(0, pieceBytes);
  const ends = ['\r\n\r\n', '\n\n'].map((end) => {
    const at = part.indexOf(end);
    return at === -1 ? part.length : at + end.length;
  });
  return Math.min(...ends);
}
