export * from './allocation';
export * from './allocate';
export { firstPort } from './first-port';
export * from './lock';
export * from './merge-locks';
export * from './rename';
export * from './tunnel-ends';
export * from './validity';
export * from './probe-address';
