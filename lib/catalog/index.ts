export * from './place';
export * from './aws/regions';
export * from './aws/rtt';
export * from './aws/gateway-types';
export * from './aws/managed-prices';
export * from './aws/quotas';
export * from './aws/transfer-price';
export * from './aws/gateway-recovery';
