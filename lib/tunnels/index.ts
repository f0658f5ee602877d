export * from './kind';
export * from './kinds';
export * from './mtu';
