import type { GatewayState } from '../../lib/gateway';
import type { NetworkDescription } from '../../lib/model';
import { gatewaysOf, planOf } from '../support/plan-of';

/**
 * From a to b directly (10 ms), over c (10.4 ms) and over d (10.8 ms); every class has them in this order.
 * Each way has 100 Mbps.
 */
export const diamond: NetworkDescription = {
  network: 'diamond',
  regions: Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((id, i) => [id, { external: { endpoint: `192.0.2.${i + 1}` } }]),
  ),
  links: (
    [
      ['a', 'b', '10 ms'],
      ['a', 'c', '5.2 ms'],
      ['b', 'c', '5.2 ms'],
      ['a', 'd', '5.4 ms'],
      ['b', 'd', '5.4 ms'],
    ] as const
  ).map(([a, b, latency]) => ({ between: [a, b], bandwidth: '100 Mbps', latency, cost: '0.02 USD/GB' })),
  policies: { all: { strategy: 'latency', backups: 2, disjoint: 'node' } },
};

/** The same, with 60 Mbps of bulk from a to b over all three ways, equally. */
export const spreadDiamond: NetworkDescription = {
  ...diamond,
  traffic: { spread: { bulk: 'ecmp' } },
  demands: [{ id: 'copies', from: 'a', to: 'b', bandwidth: '60 Mbps', class: 'bulk' }],
};

/** What gateway a/1 is given of a description. */
export function gatewayA(description: NetworkDescription = diamond): GatewayState {
  return gatewaysOf(planOf(description)).find((g) => g.gateway === 'a/1')!;
}
