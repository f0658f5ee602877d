export * from './host';
export * from './load-plan';
export * from './plan-project';
export { readKeys, type ProjectOptions } from './project-files';
