import { connectOver, type AgentClient } from '../../agent/client/connect';
import { remoteTransport } from '../../agent/client/remote-transport';
import { operationsPort } from '../../model/network';
import {
  operationsNameText,
  tryOperationsKey,
  tryOperationsName,
  unsealText,
  type OpenedKeyFile,
} from '../../net/keys';
import type { OpsGateway, Reach } from './reach';

/**
 * Over the overlay, by TLS with a key that follows from the opened key file: the gateway proves that it has
 * the same secret, and so do we.
 *
 * @param timeoutMs longest for an answer.
 */
export function overlayReach(opened: OpenedKeyFile, timeoutMs: number): Reach {
  const agentOf = (gateway: OpsGateway, ms = timeoutMs): AgentClient =>
    connectOver(
      remoteTransport({
        host: gateway.ipv4,
        port: operationsPort,
        connectMs: Math.min(timeoutMs, 5_000),
        key: (hint) => keyOf(opened, gateway, hint),
      }),
      ms,
    );
  return {
    async look(gateway) {
      const agent = agentOf(gateway);
      const [state, tunnels, routes] = await Promise.all([agent.state(), agent.tunnels(), agent.routes()]);
      return { state, tunnels, routes };
    },
    drain: (gateway, what, on) => agentOf(gateway)[on ? 'drain' : 'undrain'](what),
    doctor: (gateway) => agentOf(gateway, Math.max(timeoutMs, 30_000)).doctor(),
    events: (gateway, signal) => agentOf(gateway).events({ signal }),
  };
}

/**
 * The key of the epoch that the gateway has. It may lag behind the key file by a deployment, so the hint may
 * name any epoch that the file still knows; who has none of these secrets gets no further.
 */
function keyOf(opened: OpenedKeyFile, { identity }: OpsGateway, hint: string) {
  const name = tryOperationsName(hint);
  if (!name || name.gateway !== identity || name.network !== opened.file.network) return undefined;
  if (!Object.hasOwn(opened.file.gateways, identity)) return undefined;
  const key = tryOperationsKey(unsealText(opened, identity), name);
  return key && { name: operationsNameText(name), key };
}
