export * from './endpoint-book';
export * from './endpoint-choice';
export * from './endpoint-memory';
export * from './key-book';
export * from './key-choice';
export * from './rotation-memory';
