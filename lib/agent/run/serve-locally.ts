import { readFileSync } from 'node:fs';
import { readWebhooks, serveApi, startWebhooks, type AgentView } from '../api';
import type { AgentEvent } from '../decide';
import type { Pacer } from '../serve';

/** Where subscribers on this host, or webhooks, hear of changes. */
export interface Audience {
  publish(event: AgentEvent): void;
  close(): Promise<void>;
}

/** Serves the local API on a Unix socket. @throws Error if the socket is in use. */
export function serveLocally(view: AgentView, socket: string, pace: Pacer): Promise<Audience> {
  return serveApi(view, { socket, pace });
}

/** Starts the webhooks of a file. @throws Error that says where it is malformed, or cannot be read. */
export function callWebhooks(file: string, log: (message: string) => void): Audience {
  return startWebhooks(readWebhooks(readFileSync(file, 'utf8'), file), { log });
}
