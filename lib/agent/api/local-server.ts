import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type Socket } from 'node:net';
import type { AgentEvent } from '../decide';
import { Gate, inSlices, jsonList, pacer, type GateBounds, type Pacer } from '../serve';
import type { AgentView } from './agent-view';
import { eventStream } from './event-stream';
import { readDrain } from './read-drain';
import { listenOnSocket } from './unix-socket';
import type { ProblemView } from './views';

/** A listening API. */
export interface LocalServer {
  publish(event: AgentEvent): void;
  readonly subscribers: number;
  close(): Promise<void>;
}

export interface LocalServerOptions {
  /** Path of the Unix socket. */
  readonly socket: string;
  /** Its file mode, which is its access control; default 0660. */
  readonly mode?: number;
  /** Between comments that keep a quiet event stream alive, ms; default 15,000. */
  readonly heartbeatMs?: number;
  /** How long a request may take to come in, ms; default 10,000. */
  readonly requestMs?: number;
  /** In whose time clients are served; default: its own. */
  readonly pace?: Pacer;
}

/** The API without a place to listen at. */
export interface Api {
  /** Serves a connection: of the Unix socket, or of another way in. */
  admit(connection: Socket): void;
  publish(event: AgentEvent): void;
  readonly subscribers: number;
  close(): void;
}

const usualBounds = { connections: 128, firstMs: 5_000, idleMs: 60_000, readMs: 30_000 };
/** Connections that the kernel keeps until we take them: so many are taken in one turn. */
const backlog = 128;

const mostHeaderBytes = 8192;
const mostBodyBytes = 4096;
const mostThrownAwayBytes = 2 ** 20;

/** A refusal on its way to the client. */
class Refused extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly next: string,
  ) {
    super(detail);
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

/**
 * The local API: JSON over HTTP on a Unix socket. Reads are free of effects; `POST` drains, undrains and
 * reloads. Whoever may open the socket may do all of it.
 *
 * @throws Error if another agent listens there, or the socket cannot be made (see `listenOnSocket`).
 */
export async function serveApi(view: AgentView, options: LocalServerOptions): Promise<LocalServer> {
  const { socket, mode = 0o660 } = options;
  const api = openApi(view, options);
  const server = createSocketServer({ allowHalfOpen: true, pauseOnConnect: true }, (connection) =>
    api.admit(connection),
  );
  try {
    await listenOnSocket(server, { file: socket, mode, backlog });
  } catch (error) {
    api.close();
    throw error;
  }
  return {
    publish: (event) => api.publish(event),
    get subscribers() {
      return api.subscribers;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        api.close();
      }),
  };
}

/** The API, whoever listens for it. All of its work goes through the pacer. */
export function openApi(
  view: AgentView,
  {
    heartbeatMs,
    requestMs = 10_000,
    pace = pacer(),
    bounds,
  }: Omit<LocalServerOptions, 'socket' | 'mode'> & { readonly bounds?: Partial<GateBounds> },
): Api {
  const stream = eventStream(view, pace, heartbeatMs);
  const server: Server = createServer({ maxHeaderSize: mostHeaderBytes }, (request, response) => {
    answer(view, stream, pace, request, response).catch((error: unknown) => {
      const refused =
        error instanceof Refused
          ? error
          : new Refused(500, error instanceof Error ? error.message : 'unknown', 'report this');
      refuse(response, refused);
    });
  });
  server.on('clientError', refuseUnparsed);
  const gate = new Gate(server, pace, { ...usualBounds, requestMs, ...bounds });
  return {
    admit: (connection) => gate.admit(connection),
    publish: (event) => stream.publish(event),
    get subscribers() {
      return stream.subscribers;
    },
    close() {
      stream.close();
      gate.close();
      server.close();
    },
  };
}

async function answer(
  view: AgentView,
  stream: ReturnType<typeof eventStream>,
  pace: Pacer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [where] = (request.url ?? '').split('?');
  const read = reads[where as keyof typeof reads] as ((view: AgentView) => unknown) | undefined;
  if (Object.hasOwn(reads, where) && read) {
    if (request.method !== 'GET') throw notAllowed(response, 'GET');
    const value = read(view);
    if (!isList(value)) return send(response, 200, value);
    const text = await inSlices(pace, lined(value));
    return pace.soon(() => sendText(response, 200, text));
  }
  switch (where) {
    case '/v1/events': {
      if (request.method !== 'GET') throw notAllowed(response, 'GET');
      const { lastEvent } = view.state();
      const after = Number(request.headers['last-event-id'] ?? lastEvent);
      if (!Number.isSafeInteger(after) || after < 0) {
        throw new Refused(
          400,
          "'Last-Event-ID' is no event's id",
          'leave it out, or send one that was received',
        );
      }
      // One that is still to come is of an earlier run, when the clock was ahead: all that is kept is new.
      if (!stream.subscribe(response, after > lastEvent ? 0 : after)) {
        throw new Refused(503, 'too many subscribers', 'close one, or come back later');
      }
      return;
    }
    case '/v1/drain':
    case '/v1/undrain': {
      if (request.method !== 'POST') throw notAllowed(response, 'POST');
      const wanted = readDrain(await bodyOf(request), view.drainable());
      if ('fault' in wanted) throw new Refused(wanted.status, wanted.fault, wanted.next);
      view.drain(wanted.drain, where === '/v1/drain');
      return send(response, 200, view.state());
    }
    case '/v1/reload': {
      if (request.method !== 'POST') throw notAllowed(response, 'POST');
      await bodyOf(request, true);
      const result = await view.reload();
      return send(response, result.ok ? 200 : 409, result);
    }
    case '/v1/doctor': {
      if (request.method !== 'GET') throw notAllowed(response, 'GET');
      if (!view.doctor) throw new Refused(501, 'this agent looks at no host', 'upgrade it');
      return send(response, 200, await view.doctor());
    }
    case '/healthz': {
      const { healthy, reason } = view.health();
      return send(response, healthy ? 200 : 503, { ok: healthy, ...(reason !== '' && { reason }) });
    }
    case '/readyz':
      return send(response, view.state().ready ? 200 : 503, { ready: view.state().ready });
    default:
      throw new Refused(404, `there is no '${where.slice(0, 100)}'`, `there are ${known.join(', ')}`);
  }
}

const reads = {
  '/v1/state': (view: AgentView) => view.state(),
  '/v1/routes': (view: AgentView) => view.routes(),
  '/v1/paths': (view: AgentView) => view.paths(),
  '/v1/tunnels': (view: AgentView) => view.tunnels(),
  '/v1/reservations': (view: AgentView) => view.reservations(),
};
const known = [...Object.keys(reads), '/v1/doctor', '/v1/events', '/v1/drain', '/v1/undrain', '/v1/reload'];

function notAllowed(response: ServerResponse, method: string): Refused {
  response.setHeader('allow', method);
  return new Refused(405, `only ${method} is allowed here`, `send ${method}`);
}

/** A request's JSON. @param empty true: no body is fine, and none is read. */
async function bodyOf(request: IncomingMessage, empty = false): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    // The rest of one that is too long is read and thrown away: a broken-off request gets no answer.
    if (bytes > mostThrownAwayBytes) request.destroy();
    if (bytes <= mostBodyBytes) parts.push(part);
  }
  if (bytes > mostBodyBytes) throw new Refused(413, `more than ${mostBodyBytes} bytes`, 'send less');
  if (bytes === 0 && empty) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Refused(400, 'the body is no JSON', 'send {"of": "link", "id": "link-a-b"} or the like');
  }
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function* lined(list: Iterable<unknown>): Iterable<string> {
  yield* jsonList(list);
  yield '\n';
}

function send(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, `${JSON.stringify(value)}\n`);
}

function sendText(response: ServerResponse, status: number, text: string | Buffer): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': status < 400 ? 'application/json' : 'application/problem+json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function refuse(response: ServerResponse, { status, detail, next }: Refused): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const problem: ProblemView = { status, title: titles[status] ?? 'Error', detail, next };
  send(response, status, problem);
}

/** What is no HTTP, or too much of it. Who breaks off gets no answer. */
function refuseUnparsed(error: NodeJS.ErrnoException, connection: Socket): void {
  if (error.code === 'ECONNRESET' || !connection.writable) {
    connection.destroy();
    return;
  }
  const [status, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, `the headers have more than ${mostHeaderBytes} bytes`]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'the request took too long']
        : [400, 'that is no HTTP request'];
  const problem: ProblemView = { status, title: titles[status], detail, next: 'send HTTP/1.1' };
  const text = `${JSON.stringify(problem)}\n`;
  connection.end(
    `HTTP/1.1 ${status} ${problem.title}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}
