export * from './markdown';
export * from './terraform';
export * from './visible';
export * from './xml';
