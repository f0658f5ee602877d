import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
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
  readonly timeoutMs: number;
  /** Events that may wait for one subscriber; the oldest are dropped beyond it. */
  readonly queue: number;
}

/** Three attempts from 100 ms, as the project's origin had it (DESIGN section 10). */
export const defaultWebhookSettings: WebhookSettings = {
  attempts: 3,
  baseMs: 100,
  mostMs: 10_000,
  timeoutMs: 5_000,
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
  /** Waits for what is under way, drops what waits. */
  close(): Promise<void>;
}

/** Sends one body; resolves to the status code. @throws Error when there is no answer. */
export type Post = (
  url: string,
  body: string,
  headers: Record<string, string>,
  timeoutMs: number,
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
  const { post = postOnce, random = Math.random, log = () => undefined } = parts;
  const wait = parts.wait ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)));
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
      if (attempt > 0) await wait(random() * Math.min(settings.mostMs, settings.baseMs * 2 ** (attempt - 1)));
      try {
        const status = await post(url, body, headers, settings.timeoutMs);
        if (status >= 200 && status < 300) {
          line.delivered++;
          return;
        }
        why = `status ${status}`;
        if (status >= 400 && status < 500 && status !== 408 && status !== 429) break;
      } catch (error) {
        why = error instanceof Error ? error.message : String(error);
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
      await Promise.all(lines.map((line) => line.busy));
    },
  };
}

const postOnce: Post = (url, body, headers, timeoutMs) =>
  new Promise((resolve, reject) => {
    const target = new URL(url);
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const request = send(
      target,
      { method: 'POST', headers: { ...headers, ...length }, timeout: timeoutMs },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', reject);
      },
    );
    request.once('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.once('error', reject);
    request.end(body);
  });

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
