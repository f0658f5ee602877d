export * from './tunnel';
export * from './build-tunnels';
export * from './mtu';
