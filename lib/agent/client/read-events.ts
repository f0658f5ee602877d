import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { EventView } from '../api';
import type { Transport } from './transport';

const leastWaitMs = 100;
const mostWaitMs = 5_000;

/** Events of an agent, over as many connections as it takes. Throws only for a request that it refuses. */
export async function* readEvents(
  transport: Transport,
  { after, signal }: EventOptions,
): AsyncGenerator<EventView> {
  let last = after;
  for (let waitMs = leastWaitMs; !signal?.aborted; waitMs = Math.min(mostWaitMs, waitMs * 2)) {
    try {
      for await (const { id, event } of oneConnection(transport, last, signal)) {
        last = id;
        waitMs = leastWaitMs;
        if (event) yield event;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof RefusedStream) throw new Error(error.message, { cause: error });
    }
    await wait(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  }
}

class RefusedStream extends Error {}

async function* oneConnection(
  transport: Transport,
  last: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly id: number; readonly event?: EventView }> {
  const headers = {
    accept: 'text/event-stream',
    ...(last === undefined ? {} : { 'last-event-id': String(last) }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = transport.request({ path: '/v1/events', headers, signal }, resolve);
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
        const field = (name: string) =>
          block
            .split('\n')
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const [id, data] = [field('id'), field('data')];
        // The first block has an id alone: where to go on from when nothing has come yet.
        if (id !== undefined) {
          yield { id: Number(id), ...(data && { event: JSON.parse(data) as EventView }) };
        }
      }
    }
  } finally {
    response.destroy();
  }
}

export interface EventOptions {
  /** Id of the last event that was seen: what is kept after it comes first. Absent: from now on. */
  readonly after?: number;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}
