import { request as httpRequest } from 'node:http';
import { connect as connectTls } from 'node:tls';
import { remoteTls } from '../api/remote-tls';
import { AgentProblem } from './agent-problem';
import type { Transport } from './transport';

export interface RemotePlace {
  readonly host: string;
  readonly port: number;
  /** Longest that connecting and the handshake may take, ms; default 5,000. */
  readonly connectMs?: number;
  /**
   * The key under the name that the agent hints at; undefined: there is none.
   *
   * @param hint what the agent sent, before it has proved anything.
   */
  readonly key: (hint: string) => { readonly name: string; readonly key: Uint8Array } | undefined;
}

/** Over the overlay, to an agent that proves the key of its gateway and is proved the same. */
export function remoteTransport({ host, port, key, connectMs = 5_000 }: RemotePlace): Transport {
  const at = `${host} port ${port}`;
  const reasons: Readonly<Record<string, [string, string]>> = {
    ECONNREFUSED: [`nothing listens on ${at}`, "its plan has no 'operations', or its agent does not run"],
    ECONNRESET: [`${at} broke off`, 'the key file may be of another time than what the gateway has'],
    EHOSTUNREACH: [`there is no way to ${at}`, 'run it inside the network, or with --by ssm'],
    ENETUNREACH: [`there is no way to ${at}`, 'run it inside the network, or with --by ssm'],
    ETIMEDOUT: [`${at} did not answer`, 'run it inside the network, or with --by ssm'],
  };
  return {
    request(options, answered) {
      // No shared pool: a connection of it would be taken whatever the key.
      const createConnection = () => {
        const socket = connectTls({
          ...remoteTls,
          host,
          port,
          pskCallback: (hint) => {
            const known = key(hint ?? '');
            return known ? { psk: known.key, identity: known.name } : null;
          },
          // The key proves it; there is no certificate.
          checkServerIdentity: () => undefined,
        });
        const late = setTimeout(() => {
          const error: NodeJS.ErrnoException = new Error(`no connection within ${connectMs} ms`);
          error.code = 'ETIMEDOUT';
          socket.destroy(error);
        }, connectMs);
        for (const end of ['secureConnect', 'close']) socket.once(end, () => clearTimeout(late));
        return socket;
      };
      return httpRequest({ ...options, host, port, createConnection }, answered);
    },
    explain(error) {
      const known = reasons[error.code ?? ''];
      if (known) return new AgentProblem(0, ...known);
      if (/SSL|TLS|EPROTO/.test(`${error.code} ${error.message}`)) {
        const next = 'open the key file that the gateway was deployed with';
        return new AgentProblem(0, `${at} and the key file do not know each other`, next);
      }
      return error;
    },
  };
}
