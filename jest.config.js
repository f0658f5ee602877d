/**
 * Globals of the language that every module is given as arguments. A test file runs in a vm context, and each
 * access to one of that context's globals is a call into C++: half of the time of tests that compute went
 * there. Two kinds may not stand here: those that fake timers replace (Date, setTimeout, performance), and
 * those that packages declare themselves (process, Buffer; in readable-stream Number, String, Symbol, Error,
 * Uint8Array).
 */
const language = [
  ...['Array', 'BigInt', 'Infinity', 'JSON', 'Map', 'Math', 'Object', 'RegExp', 'Set', 'WeakMap'],
  ...['Float64Array', 'Int32Array', 'Int8Array', 'Uint16Array', 'Uint32Array', 'structuredClone'],
];

// What commands load when they run.
const lazy = ['[a-z]+-command', 'keys-entry', 'completion', 'help-topics', '([a-z]+-)?report'];
const lazyRooms = [
  ...['model/index', 'plan/index', 'exchange/index', 'report/report', 'clouds/resource-changes'],
];

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
    [`^(\\.{1,2}/(?:lab/)?(?:${lazy.join('|')})|(?:\\.\\./)+(?:${lazyRooms.join('|')}))\\.js$`]: '$1',
  },
  sandboxInjectedGlobals: language,
  maxWorkers: 2,
  testTimeout: 60000,
};
