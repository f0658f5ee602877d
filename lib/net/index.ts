export * from './prefix';
