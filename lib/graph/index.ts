export * from './topology';
export * from './network-graph';
export * from './components';
