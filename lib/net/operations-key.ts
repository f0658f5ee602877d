import { deriveKey } from './seal';
import { secretOfEpoch } from './unseal-text';

/** By which name a gateway's operators and its agent know a key of theirs. */
export interface OperationsName {
  /** Identities of network and gateway. */
  readonly network: string;
  readonly gateway: string;
  /** Of the unsealing secret that it derives from. */
  readonly epoch: number;
}

/**
 * The key that a gateway's agent and whoever opens the key file have in common, 32 bytes: both derive it from
 * the gateway's unsealing secret, each from its own copy. It proves either end to the other (RFC 5489).
 *
 * @param unsealText secrets by epoch, as `unsealText` makes them.
 * @returns undefined: there is no secret of that epoch.
 */
export function tryOperationsKey(unsealText: string, name: OperationsName): Uint8Array | undefined {
  const secret = secretOfEpoch(unsealText, name.epoch);
  if (secret === undefined) return undefined;
  const context = [name.network, name.gateway, String(name.epoch)];
  return deriveKey(Buffer.from(secret, 'base64'), 'dwcp operations 1', 'psk', ...context);
}

/** The name on the wire: PSK identity and hint (RFC 4279 section 5.1). */
export function operationsNameText({ network, gateway, epoch }: OperationsName): string {
  return `dwcp-operations 1 ${network} ${gateway} ${epoch}`;
}

/** undefined: it is no such name. */
export function tryOperationsName(text: string): OperationsName | undefined {
  const found = /^dwcp-operations 1 ([a-z0-9-]{1,63}) ([A-Za-z0-9._-]{1,63}\/\d{1,3}) ([1-9]\d{0,9})$/.exec(
    text,
  );
  return found ? { network: found[1], gateway: found[2], epoch: Number(found[3]) } : undefined;
}
