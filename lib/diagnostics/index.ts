export type { Code } from './codes';
export * from './diagnostic';
export * from './nearest';
