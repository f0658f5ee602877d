/**
 * The room's second entry: keys. Apart from `index`, so that planning loads neither crypto nor zod through
 * prefixes.
 */
export * from './key-pair';
export * from './key-problem';
export { publicKeyFault } from './public-key';
export { sharedSecret } from './shared-secret';
export { defaultScryptCost, leastKeyFileBytes, type KeySecret, type ScryptCost } from './master-key';
export {
  keyFileVersion,
  publicKeysOf,
  readKeyFile,
  readPublicKeys,
  type GatewayEntry,
  type KeyFile,
  type PublicKeys,
} from './key-file';
export { gatewaySecret, openKeyFile, type OpenedKeyFile } from './open-key-file';
export * from './change-keys';
export {
  openAsGateway,
  readSealedPart,
  sealedPartOf,
  type GatewayKeys,
  type SealedPart,
} from './sealed-part';
