import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { App as CdktfApp, TerraformStack as CdktfStack } from 'cdktf';
import { GlobalNetwork } from '../../constructs';

/** Under jest.cdktn.config.js 'cdktf' is cdktn, and what is foreign is the other one. */
const isCdktn = require.resolve('cdktf').includes(`${path.sep}cdktn${path.sep}`);
const foreign = isCdktn
  ? path.dirname(require.resolve('constructs')).replace(/constructs.*/, 'cdktf')
  : 'cdktn';

/** Does a file, or what it imports when it runs, import a framework? */
function loadsFramework(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  const found = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)\s(?!type\s)[^'"`;]*?from\s+'([^']+)'/gm,
  );
  return [...found].some(([, from]) => {
    if (!from.startsWith('.')) return /^(@?cdktf|constructs$)/.test(from);
    const next = require.resolve(path.join(path.dirname(file), from));
    return next.endsWith('.ts') && loadsFramework(next, seen);
  });
}

describe('the tests under the other framework', () => {
  it('are all of constructs and stacks that load one', () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a configuration, no module
    const { testPathIgnorePatterns } = require('../../jest.cdktn.config.js') as {
      testPathIgnorePatterns: string[];
    };
    const tests = ['constructs', 'stacks'].flatMap((room) => {
      const folder = path.join(__dirname, '..', room);
      const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
      return names.map((name) => path.join(folder, name));
    });
    const leftOut = tests.filter((file) => testPathIgnorePatterns.some((p) => new RegExp(p).test(file)));
    expect(leftOut).toEqual(tests.filter((file) => !loadsFramework(file)));
    expect(leftOut.length).toBeGreaterThan(0);
  });
});

describe('a network and its framework', () => {
  it('takes a stack of its own framework', () => {
    const stack = new CdktfStack(new CdktfApp(), 'own');
    expect(() => new GlobalNetwork(stack, 'net')).not.toThrow();
  });

  it('refuses a stack that another framework made, and says what to import', () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the name is chosen at run time
    const { App, TerraformStack } = require(foreign) as typeof import('cdktf');
    const stack = new TerraformStack(new App(), 'other');
    expect(() => new GlobalNetwork(stack, 'net')).toThrow(
      "stack 'other' was made by another framework than this network's: with cdktn import from " +
        "'dwcp-multiregion/cdktn', with cdktf from 'dwcp-multiregion'",
    );
  });

  it('refuses a stack that a second copy of its framework made', () => {
    const own = new CdktfStack(new CdktfApp(), 'copy');
    let second: typeof import('cdktf') | undefined;
    jest.isolateModules(() => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- a copy, as npm may install one
      second = require('cdktf') as typeof import('cdktf');
    });
    expect(second!.TerraformStack).not.toBe(CdktfStack);
    const stack = new second!.TerraformStack(new second!.App(), 'copy');
    expect(() => new GlobalNetwork(stack, 'net')).toThrow(/of two copies of one framework keep one/);
    expect(() => new GlobalNetwork(own, 'net')).not.toThrow();
  });

  it('declares the versions that its write-only arguments need, unless the app has', () => {
    const network = (context?: Record<string, unknown>) =>
      new GlobalNetwork(new CdktfStack(new CdktfApp({ context }), 'targets'), 'net');
    const targets = (n: GlobalNetwork) => n.node.tryGetContext('targetVersions') as unknown;
    expect(targets(network())).toEqual({ terraform: '>=1.11.0', opentofu: '>=1.11.0' });
    expect(targets(network({ targetVersions: { terraform: '>=1.12.0' } }))).toEqual({
      terraform: '>=1.12.0',
    });
  });
});
