export * from './allocation';
export * from './allocate';
export * from './lock';
export * from './merge-locks';
export * from './rename';
export * from './tunnel-ends';
export * from './validity';
export * from './probe-address';
