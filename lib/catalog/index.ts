export * from './place';
export * from './aws-regions';
export * from './aws-rtt';
export * from './aws-gateway-types';
export * from './aws-managed-prices';
export * from './aws-quotas';
export * from './transfer-price';
export * from './gateway-recovery';
