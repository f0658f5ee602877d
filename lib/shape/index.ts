export * from './refuse';
export * from './shape';
