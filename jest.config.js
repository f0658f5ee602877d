// What commands load when they run.
const lazy = ['[a-z]+-command', 'keys-entry', 'completion', 'help-topics'];
const lazyRooms = ['model/index', 'emit/report', 'emit/resource-changes'];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // The agent as one file, as gateways and the lab run it.
  globalSetup: '<rootDir>/test/support/build-agent.mjs',
  testPathIgnorePatterns: ['/test/package/project/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // No root or lib folder here: our constructs/ must never shadow the npm package constructs
  // (DESIGN section 2).
  moduleDirectories: ['node_modules'],
  // Dynamic imports carry the extension that Node wants at run time.
  moduleNameMapper: {
    [`^(\\./(?:${lazy.join('|')})|\\.\\./(?:${lazyRooms.join('|')}))\\.js$`]: '$1',
  },
  maxWorkers: 2,
  testTimeout: 60000,
};
