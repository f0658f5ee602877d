import type { ServerResponse } from 'node:http';
import type { AgentEvent } from '../decide';
import type { Pacer } from '../serve';
import type { AgentView } from './agent-view';

const mostSubscribers = 64;
/** Heartbeats in a row that found a subscriber not reading, before it is dropped. */
const mostStuck = 2;
/** Events that a subscriber is given at a stretch. */
const atOnce = 16;

/** Subscribers to the agent's events, as server-sent events (WHATWG HTML section 9.2). */
export interface EventStream {
  /** Sends what is kept with ids above `after`, then what comes. False: there are too many already. */
  subscribe(response: ServerResponse, after: number): boolean;
  /** Called once the view keeps the event. */
  publish(event: AgentEvent): void;
  readonly subscribers: number;
  close(): void;
}

interface Subscriber {
  readonly response: ServerResponse;
  /** Id of the last event it was given. */
  last: number;
  /** It was given an event on this connection: the next has the next id. */
  given: boolean;
  /** It does not read; what it misses meanwhile it is given out of the history. */
  behind: boolean;
  stuck: number;
  /** A job is waiting that gives it what it has not had. */
  queued: boolean;
}

/**
 * Keeps nothing for a subscriber: each is given what it has not had out of the history, in the pacer's
 * time, so that a failure with hundreds of events and dozens of subscribers holds up no probe. One that
 * does not read goes on once it reads again, and is dropped when it is stuck, or when the history no longer
 * holds its next event. It comes back with the id of the last one that it has seen.
 *
 * @param view for the events.
 */
export function eventStream(
  view: Pick<AgentView, 'eventsAfter'>,
  pace: Pacer,
  heartbeatMs = 15_000,
): EventStream {
  const open = new Set<Subscriber>();
  const give = (subscriber: Subscriber) => {
    subscriber.queued = false;
    const { response, last } = subscriber;
    if (subscriber.behind || response.destroyed) return;
    const events = view.eventsAfter(last);
    if (events.length === 0) return;
    // It would have to be told of events that are gone.
    if (subscriber.given && events[0].id > last + 1) return void response.destroy();
    const now = events.slice(0, atOnce);
    subscriber.last = now[now.length - 1].id;
    subscriber.given = true;
    subscriber.behind = !response.write(now.map(textOf).join(''));
    if (events.length > now.length) queue(subscriber);
  };
  const queue = (subscriber: Subscriber) => {
    if (subscriber.queued) return;
    subscriber.queued = true;
    pace.soon(() => give(subscriber));
  };
  const heartbeat = setInterval(() => {
    for (const subscriber of open) {
      subscriber.stuck = subscriber.behind ? subscriber.stuck + 1 : 0;
      if (subscriber.stuck >= mostStuck) subscriber.response.destroy();
      else if (!subscriber.behind) pace.soon(() => subscriber.response.write(': alive\n\n'));
    }
  }, heartbeatMs);
  heartbeat.unref();
  return {
    subscribe(response, after) {
      if (open.size >= mostSubscribers) return false;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const subscriber = { response, last: after, given: false, behind: false, stuck: 0, queued: false };
      open.add(subscriber);
      response.once('close', () => open.delete(subscriber));
      response.on('error', () => response.destroy());
      response.on('drain', () => {
        subscriber.behind = false;
        queue(subscriber);
      });
      // An id without data: where to come back to, even before the first event.
      response.write(`retry: 1000\nid: ${after}\n\n`);
      queue(subscriber);
      return true;
    },
    publish() {
      for (const subscriber of open) queue(subscriber);
    },
    get subscribers() {
      return open.size;
    },
    close() {
      clearInterval(heartbeat);
      for (const { response } of open) response.end();
      open.clear();
    },
  };
}

function textOf(event: AgentEvent): string {
  return `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
