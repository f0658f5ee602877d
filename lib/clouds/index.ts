export * from './deployment';
export { cloudResources } from './deployments';
export * from './resource-changes';
