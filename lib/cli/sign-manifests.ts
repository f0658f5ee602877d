import { readManifest } from '../gateway/manifest';
import { publicKeysOf, signTexts, type OpenedKeyFile } from '../net/keys';

/** A text that is to be signed is not a manifest of this network: nothing is signed. */
export class NotOurs extends Error {}

/**
 * Signs manifests of this network and nothing else.
 *
 * @throws NotOurs for any other text, or another chain of signing keys than the key file's.
 */
export function signManifests(opened: OpenedKeyFile, manifests: readonly string[]): string[] {
  const { network, signingKeys } = publicKeysOf(opened.file);
  for (const text of manifests) {
    const manifest = readManifest(text);
    if (!manifest) throw new NotOurs('what is to be signed is not a manifest');
    if (manifest.network !== network)
      throw new NotOurs(`the manifest is of network '${manifest.network}', the keys are of '${network}'`);
    const chain = manifest.chain.map(({ publicKey }) => publicKey);
    if (chain.join() !== signingKeys.join())
      throw new NotOurs(
        `the manifest of gateway '${manifest.gateway}' has other signing keys than the key file: ` +
          'synthesize again',
      );
  }
  return signTexts(opened, manifests);
}
