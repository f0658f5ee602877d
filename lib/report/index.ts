export * from './report';
export * from './diff-report';
export * from './explain';
export * from './findings';
