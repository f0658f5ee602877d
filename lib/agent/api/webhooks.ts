import { createHmac } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { AgentEvent } from '../decide';

/** A subscriber that is called. */
export interface Webhook {
  /** http or https. */
  readonly url: string;
  /** Kinds of events it gets; absent: all. */
  readonly kinds?: readonly AgentEvent['kind'][];
  /** Signs each body: `X-Dwcp-Signature: sha256=<HMAC-SHA-256 in hex>`; absent: unsigned. */
  readonly secret?: string;
}

export interface WebhookSettings {
  /** Attempts for one event, the first included; default 3. */
  readonly attempts: number;
  /** Greatest wait before the second attempt; doubles with each one, ms; default 100. */
  readonly baseMs: number;
  readonly mostMs: number;
  /** For an attempt in total, from the connection to the status, ms. */
  readonly timeoutMs: number;
  /** How long `close` waits for what is under way, ms; then that is broken off. */
  readonly closeMs: number;
  /** Events that may wait for one subscriber; the oldest are dropped beyond it. */
  readonly queue: number;
}

/** Three attempts from 100 ms, as the project's origin had it (DESIGN section 10). */
export const defaultWebhookSettings: WebhookSettings = {
  attempts: 3,
  baseMs: 100,
  mostMs: 10_000,
  timeoutMs: 5_000,
  closeMs: 250,
  queue: 1_000,
};

/** What became of the events for one subscriber. */
export interface WebhookFigures {
  readonly url: string;
  readonly delivered: number;
  /** Given up after the last attempt. */
  readonly failed: number;
  /** Dropped because too many waited. */
  readonly dropped: number;
  readonly waiting: number;
}

export interface Webhooks {
  publish(event: AgentEvent): void;
  readonly figures: readonly WebhookFigures[];
  /** Waits a moment for what is under way, then breaks it off; drops what waits. */
  close(): Promise<void>;
}

/**
 * Sends one body; resolves to the status code, whatever of the answer is still to come. @param signal
 * breaks it off, its reason is the error. @throws Error when there is no answer.
 */
export type Post = (
  url: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<number>;

export interface WebhookParts {
  readonly settings?: Partial<WebhookSettings>;
  readonly post?: Post;
  /** 0 to 1, below 1. */
  readonly random?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
  readonly log?: (message: string) => void;
}

/**
 * Calls subscribers, each in order: an event is tried until it is taken (2xx) or given up, with exponential
 * backoff and full jitter (a wait drawn from 0 to the bound), before the next one goes. A subscriber that
 * answers 4xx other than 408 and 429 will not take it later, and is not asked again.
 */
export function startWebhooks(hooks: readonly Webhook[], parts: WebhookParts = {}): Webhooks {
  const settings = { ...defaultWebhookSettings, ...parts.settings };
  const agents = { 'http:': new HttpAgent(kept), 'https:': new HttpsAgent(kept) };
  const { post = postWith(agents), random = Math.random, log = () => undefined } = parts;
  const wait = parts.wait ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)));
  const ended = new AbortController();
  let closed = false;
  const lines = hooks.map((hook) => ({
    hook,
    queue: [] as AgentEvent[],
    delivered: 0,
    failed: 0,
    dropped: 0,
    busy: Promise.resolve(),
    running: false,
  }));
  type Line = (typeof lines)[number];

  const deliver = async (line: Line, event: AgentEvent): Promise<void> => {
    const { url, secret } = line.hook;
    const body = JSON.stringify(event);
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'x-dwcp-event': event.kind,
    };
    if (secret !== undefined) {
      headers['x-dwcp-signature'] = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    }
    let why = '';
    for (let attempt = 0; attempt < settings.attempts && !closed; attempt++) {
      if (attempt > 0) {
        const waitMs = random() * Math.min(settings.mostMs, settings.baseMs * 2 ** (attempt - 1));
        await Promise.race([wait(waitMs), aborted(ended.signal)]);
      }
      const limit = deadline(settings.timeoutMs, ended.signal);
      try {
        const status = await post(url, body, headers, limit.signal);
        if (status >= 200 && status < 300) {
          line.delivered++;
          return;
        }
        why = `status ${status}`;
        if (status >= 400 && status < 500 && status !== 408 && status !== 429) break;
      } catch (error) {
        why = error instanceof Error ? error.message : String(error);
      } finally {
        limit.clear();
      }
    }
    line.failed++;
    log(`event ${event.id} was not taken by ${url}: ${why}`);
  };
  const run = async (line: Line): Promise<void> => {
    for (let event = line.queue.shift(); event && !closed; event = line.queue.shift())
      await deliver(line, event);
    line.running = false;
  };
  return {
    publish(event) {
      for (const line of lines) {
        if (closed || (line.hook.kinds && !line.hook.kinds.includes(event.kind))) continue;
        if (line.queue.length >= settings.queue) {
          line.queue.shift();
          line.dropped++;
        }
        line.queue.push(event);
        if (line.running) continue;
        line.running = true;
        line.busy = run(line);
      }
    },
    get figures() {
      return lines.map(({ hook, delivered, failed, dropped, queue }) => ({
        url: hook.url,
        delivered,
        failed,
        dropped,
        waiting: queue.length,
      }));
    },
    async close() {
      closed = true;
      const timer = setTimeout(() => ended.abort(new Error('the agent ends')), settings.closeMs);
      await Promise.all(lines.map((line) => line.busy));
      clearTimeout(timer);
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** Connections are kept from event to event: each handshake of TLS takes a ms or two of the event loop. */
const kept = { keepAlive: true, maxSockets: 2, timeout: 30_000 };
/** What a subscriber may say beside its status, bytes; one that says more, or takes longer, is hung up on. */
const mostAnswerBytes = 16_384;
const drainMs = 1_000;

function postWith(agents: Readonly<Record<'http:' | 'https:', HttpAgent | HttpsAgent>>): Post {
  return (url, body, headers, signal) =>
    new Promise((resolve, reject) => {
      const target = new URL(url);
      const protocol = target.protocol === 'https:' ? 'https:' : 'http:';
      const send = protocol === 'https:' ? httpsRequest : httpRequest;
      const length = { 'content-length': String(Buffer.byteLength(body)) };
      const options = {
        method: 'POST',
        headers: { ...headers, ...length },
        agent: agents[protocol],
        // No more headers than an answer needs.
        maxHeaderSize: mostAnswerBytes,
      };
      const request = send(target, options, (response) => {
        resolve(response.statusCode ?? 0);
        let bytes = 0;
        const timer = setTimeout(() => response.destroy(), drainMs);
        response.on('data', (part: Buffer) => {
          bytes += part.length;
          if (bytes > mostAnswerBytes) response.destroy();
        });
        response.on('error', () => undefined);
        response.once('close', () => clearTimeout(timer));
      });
      const breakOff = () => request.destroy(signal.reason as Error);
      signal.addEventListener('abort', breakOff, { once: true });
      request.once('close', () => signal.removeEventListener('abort', breakOff));
      request.on('error', reject);
      request.end(body);
      if (signal.aborted) breakOff();
    });
}

/** A signal that comes after a time, or with another one. */
function deadline(afterMs: number, other: AbortSignal): { readonly signal: AbortSignal; clear(): void } {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new Error(`no answer within ${afterMs} ms`)), afterMs);
  const pass = () => own.abort(other.reason);
  if (other.aborted) pass();
  other.addEventListener('abort', pass, { once: true });
  return {
    signal: own.signal,
    clear() {
      clearTimeout(timer);
      other.removeEventListener('abort', pass);
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Reads a list of subscribers: `[{"url": "https://...", "kinds": ["select"], "secret": "..."}]`.
 *
 * @throws Error that says what is wrong where.
 */
export function readWebhooks(text: string, file: string): Webhook[] {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new Error(`${file} is no JSON`);
  }
  if (!Array.isArray(raw)) throw new Error(`${file} is no list of webhooks`);
  return raw.map((entry: unknown, i): Webhook => {
    const wrong = (what: string) => new Error(`${file}[${i}]: ${what}`);
    if (typeof entry !== 'object' || entry === null) throw wrong('no object');
    const { url, kinds, secret, ...rest } = entry as Record<string, unknown>;
    const [more] = Object.keys(rest);
    if (more !== undefined) throw wrong(`'${more}' is unknown; there are url, kinds and secret`);
    if (typeof url !== 'string' || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw wrong("'url' is no http or https address");
    }
    if (secret !== undefined && typeof secret !== 'string') throw wrong("'secret' is no text");
    if (kinds !== undefined && !(Array.isArray(kinds) && kinds.every((k) => typeof k === 'string'))) {
      throw wrong("'kinds' is no list of names");
    }
    return { url, secret, kinds: kinds as Webhook['kinds'] };
  });
}
