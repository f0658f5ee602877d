export * from './endpoint-book';
export * from './endpoint-choice';
export * from './endpoint-memory';
