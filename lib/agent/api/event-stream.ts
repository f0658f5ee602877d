import type { ServerResponse } from 'node:http';
import type { AgentEvent } from '../decide';
import type { AgentView } from './agent-view';

/** Most bytes that may wait for one subscriber: a slow one is dropped, and comes back for what it missed. */
const mostWaitingBytes = 256 * 1024;
const heartbeatMs = 15_000;
const mostSubscribers = 64;

/** Subscribers to the agent's events, as server-sent events (WHATWG HTML section 9.2). */
export interface EventStream {
  /** Sends what it missed, then what comes. False: there are too many already. */
  subscribe(response: ServerResponse, after: number): boolean;
  publish(event: AgentEvent): void;
  readonly subscribers: number;
  close(): void;
}

/** @param view for the events that a subscriber missed. */
export function eventStream(view: Pick<AgentView, 'eventsAfter'>): EventStream {
  const open = new Set<ServerResponse>();
  const send = (response: ServerResponse, text: string) => {
    response.write(text);
    if (response.writableLength > mostWaitingBytes) response.destroy();
  };
  const heartbeat = setInterval(() => {
    for (const response of open) send(response, ': alive\n\n');
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
      open.add(response);
      response.once('close', () => open.delete(response));
      send(response, 'retry: 1000\n\n');
      for (const event of view.eventsAfter(after)) send(response, textOf(event));
      return true;
    },
    publish(event) {
      if (open.size === 0) return;
      const text = textOf(event);
      for (const response of open) send(response, text);
    },
    get subscribers() {
      return open.size;
    },
    close() {
      clearInterval(heartbeat);
      for (const response of open) response.end();
      open.clear();
    },
  };
}

function textOf(event: AgentEvent): string {
  return `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
