import type { ServerResponse } from 'node:http';
import type { AgentEvent } from '../decide';
import type { AgentView } from './agent-view';

const mostSubscribers = 64;
/** Heartbeats in a row that found a subscriber not reading, before it is dropped. */
const mostStuck = 2;

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
  /** It does not read; what it misses meanwhile it is given out of the history. */
  behind: boolean;
  stuck: number;
}

/**
 * Keeps nothing for a subscriber that does not read: it goes on out of the history once it reads again, and
 * is dropped when it is stuck, or when the history no longer holds its next event. It comes back with the id
 * of the last one that it has seen.
 *
 * @param view for the events that a subscriber missed.
 */
export function eventStream(view: Pick<AgentView, 'eventsAfter'>, heartbeatMs = 15_000): EventStream {
  const open = new Set<Subscriber>();
  const give = (subscriber: Subscriber, id: number, text: string) => {
    subscriber.behind = !subscriber.response.write(text);
    subscriber.last = id;
  };
  const catchUp = (subscriber: Subscriber) => {
    subscriber.behind = false;
    for (const event of view.eventsAfter(subscriber.last)) {
      if (subscriber.behind) return;
      give(subscriber, event.id, textOf(event));
    }
  };
  const heartbeat = setInterval(() => {
    for (const subscriber of open) {
      subscriber.stuck = subscriber.behind ? subscriber.stuck + 1 : 0;
      if (subscriber.stuck >= mostStuck) subscriber.response.destroy();
      else if (!subscriber.behind) subscriber.response.write(': alive\n\n');
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
      const subscriber: Subscriber = { response, last: after, behind: false, stuck: 0 };
      open.add(subscriber);
      response.once('close', () => open.delete(subscriber));
      response.on('error', () => response.destroy());
      response.on('drain', () => {
        const [next] = view.eventsAfter(subscriber.last);
        // It would have to be told of events that are gone.
        if (next && next.id > subscriber.last + 1) response.destroy();
        else catchUp(subscriber);
      });
      // An id without data: where to come back to, even before the first event.
      response.write(`retry: 1000\nid: ${after}\n\n`);
      catchUp(subscriber);
      return true;
    },
    publish(event) {
      if (open.size === 0) return;
      const text = textOf(event);
      for (const subscriber of open) if (!subscriber.behind) give(subscriber, event.id, text);
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
