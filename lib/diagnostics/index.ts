export * from './diagnostic';
export * from './nearest';
