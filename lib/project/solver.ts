import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import type { Solver } from '../traffic';

let loaded: Solver | undefined;

/**
 * Loads the LP solver (HiGHS as WebAssembly, 3.5 MB, about 50 ms) once, without a promise: cdktf apps
 * describe and plan synchronously. The package hands itself out asynchronously only because WebAssembly may
 * be compiled so; in a context that drains its own microtasks it is there when the evaluation ends.
 *
 * @throws Error if the package cannot be loaded.
 */
export function loadSolver(): Solver {
  if (loaded) return loaded;
  const file = require.resolve('highs');
  const folder = path.dirname(file);
  const bytes = readFileSync(path.join(folder, 'highs.wasm'));
  const globals = { require, process, console, TextDecoder, TextEncoder, URL, performance };
  const scope = {
    ...globals,
    __filename: file,
    __dirname: folder,
    exports: {},
    module: { exports: {} },
    bytes,
  };
  const context = vm.createContext(scope, { microtaskMode: 'afterEvaluate' });
  vm.runInContext(readFileSync(file, 'utf8'), context, { filename: file });
  const outcome = vm.runInContext(instantiate, context) as { highs?: Solver; error?: unknown };
  if (!outcome.highs) throw new Error('the LP solver could not be loaded', { cause: outcome.error });
  loaded = outcome.highs;
  return loaded;
}

const instantiate = `
  const outcome = {};
  const instantiateWasm = (imports, done) => {
    const module = new WebAssembly.Module(bytes);
    const instance = new WebAssembly.Instance(module, imports);
    done(instance, module);
    return instance.exports;
  };
  (module.exports.default ?? module.exports)({ instantiateWasm })
    .then((highs) => { outcome.highs = highs; }, (error) => { outcome.error = error; });
  outcome;
`;
