export * from './verify-plan';
export type { Sources } from './check-sources';
