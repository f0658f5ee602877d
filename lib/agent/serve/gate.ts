import type { IncomingMessage, Server, ServerResponse } from 'node:http';
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
export class Gate {
  readonly #http: Server;
  readonly #pace: Pacer;
  readonly #bounds: GateBounds;
  readonly #clients = new Set<Client>();
  readonly #bySide = new WeakMap<object, Client>();
  readonly #sweep: NodeJS.Timeout;

  constructor(http: Server, pace: Pacer, bounds: GateBounds) {
    this.#http = http;
    this.#pace = pace;
    this.#bounds = bounds;
    http.prependListener('request', (request, response) => this.#ask(request, response));
    // Node's own deadlines begin with a server that listens; this one is handed its connections.
    this.#sweep = setInterval(() => this.#endLate(performance.now()), sweepMs);
    this.#sweep.unref();
  }

  get connections(): number {
    return this.#clients.size;
  }

  /** Breaks off all connections. */
  close(): void {
    clearInterval(this.#sweep);
    for (const { socket } of this.#clients) socket.destroy();
  }

  /** Takes over a connection, of TCP, TLS or a Unix socket. */
  admit(socket: Socket): void {
    if (this.#clients.size >= this.#bounds.connections) this.#makeRoom();
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
    this.#clients.add(client);
    socket.on('data', (part: Buffer) => {
      socket.pause();
      client.input = client.input.length === 0 ? part : Buffer.concat([client.input, part]);
      this.#queue(client);
    });
    socket.once('end', () => {
      client.ended = true;
      this.#queue(client);
    });
    // What went wrong is told by the end of the connection.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#clients.delete(client);
      client.side?.destroy();
    });
    socket.resume();
  }

  /** The server has read the head of a request. */
  #ask(request: IncomingMessage, response: ServerResponse): void {
    const client = this.#bySide.get(request.socket);
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
      this.#queue(client);
    });
  }

  /**
   * Ends one connection. The order: one that never asked for anything, the one idle longest, the one that has
   * left its answer unread longest, and if all wait for an answer, the one that has asked most.
   */
  #makeRoom(): void {
    const rank = ({ asked, unanswered, unreadMs }: Client) => {
      if (unanswered === 0) return asked === 0 ? 0 : 1;
      return unreadMs === undefined ? 3 : 2;
    };
    const within = ({ idleMs, unreadMs, asked, unanswered }: Client) =>
      unanswered === 0 ? idleMs : (unreadMs ?? -asked);
    const [first] = [...this.#clients].sort((a, b) => rank(a) - rank(b) || within(a) - within(b));
    if (!first) return;
    this.#clients.delete(first);
    first.socket.destroy();
  }

  #queue(client: Client): void {
    if (client.queued || client.socket.destroyed) return;
    client.queued = true;
    this.#pace.soon(() => {
      client.queued = false;
      this.#hand(client);
    });
  }

  /** Hands the next piece on, if it is its turn. */
  #hand(client: Client): void {
    const { socket, input, request } = client;
    if (socket.destroyed) return;
    if (client.unanswered > 0 && request?.complete !== false) return;
    if (input.length > 0) {
      const piece = input.subarray(0, pieceEnd(input));
      client.input = input.subarray(piece.length);
      client.side ??= this.#openSide(client);
      client.comingMs ??= performance.now();
      client.side.push(piece);
    }
    if (client.input.length > 0) {
      // The server may learn of the request in a later step of this turn.
      setImmediate(() => this.#queue(client));
    } else if (client.ended) {
      if (client.side) client.side.push(null);
      else socket.destroy();
    } else socket.resume();
  }

  /** What the HTTP server takes for the connection. */
  #openSide(client: Client): Duplex {
    const { socket } = client;
    const write = (parts: readonly Buffer[], done: () => void) => this.#write(client, parts, done);
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
    this.#bySide.set(side, client);
    this.#http.emit('connection', side);
    return side;
  }

  /** Writes to the client a slice of time at a time, as fast as it reads. */
  #write(client: Client, parts: readonly Buffer[], done: () => void): void {
    const { socket } = client;
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
      if (next < pieces.length) return this.#pace.soon(step);
      client.unreadMs = undefined;
      done();
    };
    step();
  }

  /** Ends what has taken longer than it may. */
  #endLate(now: number): void {
    const { requestMs, idleMs: mostIdleMs, firstMs, readMs } = this.#bounds;
    for (const client of this.#clients) {
      const { unanswered, asked, idleMs, unreadMs, comingMs, socket, side } = client;
      if (side && comingMs !== undefined && now - comingMs > requestMs) {
        client.comingMs = undefined;
        const late = Object.assign(new Error('the request took too long'), {
          code: 'ERR_HTTP_REQUEST_TIMEOUT',
        });
        if (!this.#http.emit('clientError', late, side)) socket.destroy();
        continue;
      }
      const idleFor = unanswered > 0 ? 0 : now - idleMs;
      const unreadFor = unreadMs === undefined ? 0 : now - unreadMs;
      if (idleFor > (asked > 0 ? mostIdleMs : firstMs) || unreadFor > readMs) socket.destroy();
    }
  }
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
