/**
 * The room's second entry: keys. Apart from `index`, so that planning loads neither crypto nor zod through
 * prefixes.
 */
export * from './key-pair';
export * from './key-problem';
export { publicKeyFault } from './public-key';
export { sharedSecret } from './shared-secret';
export {
  defaultScryptCost,
  leastKeyFileBytes,
  type KeySecret,
  type ScryptCost,
} from './recipients/scrypt-key';
export {
  keyFileVersion,
  keyFileVersionsRead,
  type GatewayEntry,
  type KeyFile,
  type KeyFile2,
} from './key-file-shape';
export { publicKeysOf, readKeyFile, readPublicKeys, type PublicKeys } from './key-file';
export { openKeyFile, recipientNames, type OpenedKeyFile } from './open-key-file';
export { parseIdentity, parseIdentityFile, recipientPoint, type AgeIdentity } from './recipients/age-text';
export type { KeyOpener, Kms, NewRecipient } from './recipients/kind';
export { KmsFailure, kmsKeyArn } from './recipients/kms';
export {
  operationsNameText,
  tryOperationsKey,
  tryOperationsName,
  type OperationsName,
} from './operations-key';
export { reseal } from './reseal';
export { endorses, endorsementText, type SigningKey } from './signing-chain';
export { signTexts, signingChain } from './signing';
export { unsealText } from './unseal-text';
export { addMissing, createKeyFile, removeStale, type KeyFileChange, type WantedKeys } from './change-keys';
export { beginRotation, finishRotation, rotateNow, rotateSigning } from './rotate-keys';
export {
  openAsGateway,
  readSealedPart,
  sealedPartOf,
  type GatewayKeys,
  type SealedPart,
} from './sealed-part';
