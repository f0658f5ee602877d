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
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '^cdktf$': 'cdktn',
    '^@cdktf/provider-aws(/.*)$': '@cdktn/provider-aws$1',
  },
};
