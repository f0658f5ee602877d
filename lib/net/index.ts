export * from './prefix';
export * from './prefix-table';
export { publicKeyFault } from './public-key';
export * from './special-ranges';
