export * from './document';
export * from './encode';
export * from './digest';
export * from './read-plan';
export * from './diff-plans';
export * from './build';
export { planFailures } from './plan-failures';
