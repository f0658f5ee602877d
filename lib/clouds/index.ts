export * from './aws/inventory';
export * from './aws/resource-changes';
