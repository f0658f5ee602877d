import { readFileSync } from 'node:fs';
import { readWebhooks, serveApi, startWebhooks, type AgentView } from '../api';
import type { AgentEvent } from '../decide';
import type { Pacer } from '../serve';

/** Where subscribers on this host, and webhooks, hear of changes. */
export interface LocalApi {
  publish(event: AgentEvent): void;
  close(): Promise<void>;
}

/**
 * Serves the local API on a Unix socket and starts the webhooks.
 *
 * @param webhooks file with the subscribers; absent: none.
 * @throws Error if the socket is in use or the file is malformed.
 */
export async function serveLocally(
  view: AgentView,
  options: { readonly socket: string; readonly webhooks?: string },
  log: (message: string) => void,
  pace: Pacer,
): Promise<LocalApi> {
  const { socket, webhooks } = options;
  const hooks = webhooks === undefined ? [] : readWebhooks(readFileSync(webhooks, 'utf8'), webhooks);
  const server = await serveApi(view, { socket, pace });
  const calls = startWebhooks(hooks, { log });
  return {
    publish(event) {
      server.publish(event);
      calls.publish(event);
    },
    async close() {
      await Promise.all([server.close(), calls.close()]);
    },
  };
}
