export * from './prefix';
export { publicKeyFault } from './public-key';
