const base = require('./jest.config.js');

/**
 * The tests of constructs and stacks with CDK Terrain in the place of CDKTF: one source, two frameworks.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  displayName: 'cdktn',
  roots: ['<rootDir>/test/constructs', '<rootDir>/test/stacks'],
  // Load neither framework, and would say the same twice (test/constructs/own-framework.test.ts).
  testPathIgnorePatterns: [
    '/test/constructs/(fetch-program|fetch-verify|unit-security)',
    '/test/stacks/readme',
  ],
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '^cdktf$': 'cdktn',
    '^@cdktf/provider-aws(/.*)$': '@cdktn/provider-aws$1',
  },
};
