export * from './allocation';
export * from './allocate';
export * from './lock';
export * from './rename';
export * from './tunnel-ends';
export * from './probe-address';
