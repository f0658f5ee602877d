export * from './topology-graph';
export * from './graphml';
export * from './gexf';
export { readGraphml } from './read-graphml';
export type { FileAttributes, FileGraph } from './read-graphml';
export * from './import-graph';
