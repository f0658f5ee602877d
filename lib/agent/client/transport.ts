import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { AgentProblem } from './agent-problem';

/** How requests reach an agent. */
export interface Transport {
  /** Begins a request; the caller ends it. */
  request(options: RequestOptions, answered: (response: IncomingMessage) => void): ClientRequest;
  /** What a connection's error means; the error itself where nothing better is known. */
  explain(error: NodeJS.ErrnoException): Error;
}

/** Over the agent's Unix socket. */
export function socketTransport(socket: string): Transport {
  const reasons: Readonly<Record<string, [string, string]>> = {
    ENOENT: [`no agent listens on ${socket}`, 'start it, or name its socket'],
    ECONNREFUSED: [`no agent listens on ${socket}`, 'start it, or name its socket'],
    EACCES: [`${socket} may not be opened`, 'run as root, or as a member of its group'],
  };
  return {
    request: (options, answered) => httpRequest({ ...options, socketPath: socket }, answered),
    explain(error) {
      const known = reasons[error.code ?? ''];
      return known ? new AgentProblem(0, ...known) : error;
    },
  };
}
