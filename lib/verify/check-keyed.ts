import type { PublicKeys } from '../net/keys';
import type { PlanDocument } from '../plan';
import { shown } from './differences';
import type { Refuse } from '../shape';

/**
 * A plan against the public half of the key file that it was made with: every gateway has its own key there,
 * and exactly the tunnels with a preshared key say so. Looked up by identity, under which keys are made. Keys
 * of gateways and tunnels that are gone may still stand in the file (`dwcp keys init --remove-stale`). Code
 * `keys-differ`.
 */
export function checkKeyed(plan: PlanDocument, keys: PublicKeys, refuse: Refuse): void {
  const compare = (at: string, stated: unknown, right: unknown) => {
    if (stated !== right)
      refuse('keys-differ', at, `the plan has ${shown(stated)}, the key file ${shown(right)}`);
  };
  compare('identity', plan.identity, keys.network);
  compare('signingKeys', (plan.signingKeys ?? []).join(' '), keys.signingKeys.join(' '));
  const holders = new Map<string, string>();
  for (const [id, key] of Object.entries(keys.gateways)) {
    const other = holders.get(key);
    if (other !== undefined)
      refuse('keys-differ', `gateways.${id}`, `the key file gives '${other}' the same key`);
    holders.set(key, id);
  }
  for (const { id, identity, publicKey, secretEpoch } of plan.gateways) {
    compare(`gateways.${id}.secretEpoch`, secretEpoch, keys.secretVersions[identity]);
    const right = Object.hasOwn(keys.gateways, identity) ? keys.gateways[identity] : null;
    const owner = publicKey === null ? undefined : holders.get(publicKey);
    const whose = owner !== undefined && owner !== identity ? ` (that is the key of '${owner}')` : '';
    if (publicKey !== right)
      refuse(
        'keys-differ',
        `gateways.${id}.publicKey`,
        `the plan has ${shown(publicKey)}${whose}, the key file ${shown(right)}`,
      );
  }
  for (const { id, identity, nextPublicKey = null } of plan.gateways) {
    const { nextGateways: next } = keys;
    compare(
      `gateways.${id}.nextPublicKey`,
      nextPublicKey,
      Object.hasOwn(next, identity) ? next[identity] : null,
    );
  }
  const preshared = new Set(keys.presharedKeys);
  for (const { id, identity, presharedKey } of plan.tunnels)
    compare(`tunnels.${id}.presharedKey`, presharedKey, preshared.has(identity));
}
