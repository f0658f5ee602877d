export * from './terraform';
