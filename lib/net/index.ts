export * from './prefix';
export { publicKeyFault } from './public-key';
export * from './special-ranges';
export * from './tunnel-overhead';
