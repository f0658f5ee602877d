import type { IncomingMessage } from 'node:http';
import type {
  DoctorView,
  DrainRequest,
  EventView,
  PathView,
  ProblemView,
  ReloadView,
  ReservationView,
  RouteView,
  StateView,
  TunnelView,
} from '../api';
import { AgentProblem } from './agent-problem';
import { type EventOptions, readEvents } from './read-events';
import { socketTransport, type Transport } from './transport';

/** Where `dwcp-agent run` listens unless told otherwise. */
export const defaultSocket = '/run/dwcp/agent.sock';

export interface ClientOptions {
  /** Path of the agent's Unix socket; default `defaultSocket`. */
  readonly socket?: string;
  /** Longest that an answer may take, ms; default 5000. */
  readonly timeoutMs?: number;
}

/** What a program on a gateway asks its agent. Every call is one request; nothing is kept. */
export interface AgentClient {
  state(): Promise<StateView>;
  routes(): Promise<readonly RouteView[]>;
  paths(): Promise<readonly PathView[]>;
  tunnels(): Promise<readonly TunnelView[]>;
  reservations(): Promise<readonly ReservationView[]>;
  /** Moves traffic off a link, gateway or region without loss, as far as anything else lives. */
  drain(what: DrainRequest): Promise<StateView>;
  undrain(what: DrainRequest): Promise<StateView>;
  /** Does it do its work, and what should an operator know of it? Rejects where it does not. */
  health(): Promise<{ readonly ok: boolean; readonly reason?: string }>;
  /** Looks at the agent's host: seconds. */
  doctor(): Promise<DoctorView>;
  /** Takes the bundle that lies there now. Rejects with `AgentProblem` when it is refused. */
  reload(): Promise<ReloadView>;
  /**
   * Changes in order, for ever: comes back after the agent restarts or drops a slow reader, and asks for what
   * it missed. Ids rise by one; a greater step says that events were lost (the agent restarted, or more
   * happened meanwhile than it keeps): then read the routes anew.
   */
  events(options?: EventOptions): AsyncIterable<EventView>;
}

/** A client of the agent on this host. Does not connect before the first call. */
export function connect(options: ClientOptions = {}): AgentClient {
  const { socket = defaultSocket, timeoutMs } = options;
  return connectOver(socketTransport(socket), timeoutMs);
}

/** A client of an agent that is reached in a way of one's own. @param timeoutMs longest for an answer. */
export function connectOver(transport: Transport, timeoutMs = 5000): AgentClient {
  const ask = <T>(path: string, body?: unknown): Promise<T> => askAgent<T>(transport, timeoutMs, path, body);
  return {
    state: () => ask('/v1/state'),
    routes: () => ask('/v1/routes'),
    paths: () => ask('/v1/paths'),
    tunnels: () => ask('/v1/tunnels'),
    reservations: () => ask('/v1/reservations'),
    drain: (what) => ask('/v1/drain', what),
    undrain: (what) => ask('/v1/undrain', what),
    health: () => ask('/healthz'),
    // Looking at a host runs dozens of programs.
    doctor: () => askAgent(transport, Math.max(timeoutMs, 30_000), '/v1/doctor'),
    // Applying a plan takes seconds on a small machine.
    reload: () => askAgent(transport, Math.max(timeoutMs, 120_000), '/v1/reload', {}),
    events: (of = {}) => readEvents(transport, of),
  };
}

async function askAgent<T>(
  transport: Transport,
  timeoutMs: number,
  path: string,
  body?: unknown,
): Promise<T> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const [status, answer] = await new Promise<[number, string]>((resolve, reject) => {
    const request = transport.request(
      {
        path,
        method: text === undefined ? 'GET' : 'POST',
        headers: text === undefined ? {} : { 'content-type': 'application/json' },
      },
      (response: IncomingMessage) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('end', () =>
          resolve([response.statusCode ?? 0, Buffer.concat(parts).toString('utf8')]),
        );
        response.once('error', reject);
      },
    );
    // In total: an answer that trickles in is none.
    const late = setTimeout(
      () => request.destroy(new AgentProblem(0, `no answer within ${timeoutMs} ms`, 'try again')),
      timeoutMs,
    );
    request.once('close', () => clearTimeout(late));
    request.once('error', (error: NodeJS.ErrnoException) =>
      reject(error instanceof AgentProblem ? error : transport.explain(error)),
    );
    request.end(text);
  });
  const value = JSON.parse(answer) as T;
  if (status < 400) return value;
  const { detail, message, next, reason } = value as Partial<ProblemView & ReloadView & { reason: string }>;
  throw new AgentProblem(status, detail ?? message ?? reason ?? `status ${status}`, next ?? '');
}
