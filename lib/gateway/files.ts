import type { SealedPart } from '../net/keys';
import { encodeCanonical, type PlanDocument } from '../plan';
import { gatewayState } from './gateway-state';

/**
 * The files of one gateway by path inside its bundle, sorted: `gateway.json` (see `GatewayState`)
 * and `keys.json`, its sealed keys. No secret is among them.
 *
 * Addresses that only the deployment knows stand in none of them: `endpoints.json`, an object beside the
 * bundle, maps gateway identities to public addresses.
 *
 * @param sealedKeys the gateway's part of the key file; null while the network has none.
 * @throws RangeError if the plan has no such gateway, or the keys are another gateway's, network's or older
 *   than the plan.
 */
export function gatewayFiles(
  plan: PlanDocument,
  gatewayId: string,
  sealedKeys: SealedPart | null,
): ReadonlyMap<string, string> {
  const state = gatewayState(plan, gatewayId);
  const files: [string, string][] = [['gateway.json', encodeCanonical(state)]];
  if (sealedKeys) {
    if (sealedKeys.gateway !== state.identity || sealedKeys.network !== plan.identity) {
      throw new RangeError(
        `keys of '${sealedKeys.network}' ${sealedKeys.gateway} for '${plan.identity}' ${state.identity}`,
      );
    }
    if (sealedKeys.publicKey !== state.publicKey || sealedKeys.next?.publicKey !== state.nextPublicKey) {
      throw new RangeError(
        `the plan shows another public key for gateway '${gatewayId}' than the key file: plan again`,
      );
    }
    files.push(['keys.json', encodeCanonical(sealedKeys)]);
  }
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}
