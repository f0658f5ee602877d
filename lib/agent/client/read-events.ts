import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { EventView } from '../api';
import type { EventOptions } from './connect';

const leastWaitMs = 100;
const mostWaitMs = 5_000;

/** Events of an agent, over as many connections as it takes. Throws only for a request that it refuses. */
export async function* readEvents(
  socket: string,
  { after, signal }: EventOptions,
): AsyncGenerator<EventView> {
  let last = after;
  for (let waitMs = leastWaitMs; !signal?.aborted; waitMs = Math.min(mostWaitMs, waitMs * 2)) {
    try {
      for await (const event of oneConnection(socket, last, signal)) {
        last = event.id;
        waitMs = leastWaitMs;
        yield event;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof RefusedStream) throw new Error(error.message, { cause: error });
    }
    // An agent that restarted counts from 1: what it kept is all new.
    await wait(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  }
}

class RefusedStream extends Error {}

async function* oneConnection(
  socket: string,
  last: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventView> {
  const headers = {
    accept: 'text/event-stream',
    ...(last === undefined ? {} : { 'last-event-id': String(last) }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest({ socketPath: socket, path: '/v1/events', headers, signal }, resolve);
    request.once('error', reject);
    request.end();
  });
  try {
    if (response.statusCode === 503) return;
    if (response.statusCode !== 200)
      throw new RefusedStream(`events were refused: status ${response.statusCode}`);
    let rest = '';
    for await (const part of response.setEncoding('utf8') as AsyncIterable<string>) {
      const blocks = `${rest}${part}`.split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const data = block.split('\n').find((line) => line.startsWith('data: '));
        if (data !== undefined) yield JSON.parse(data.slice('data: '.length)) as EventView;
      }
    }
  } finally {
    response.destroy();
  }
}
