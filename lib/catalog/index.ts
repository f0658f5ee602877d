export * from './place';
export * from './quota';
export * from './cloud';
export * from './clouds';
export * from './gateway-failures';
