export * from './quantity';
export * from './format';
