// `node -r .../register-swc.js file.ts`: runs our TypeScript in a process of its own, as jest does within
// one.
const { transformSync } = require('@swc/core');
const { readFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs', ignoreDynamic: false },
    sourceMaps: 'inline',
  });
  module._compile(code, filename);
};

// Dynamic imports carry the extension that Node wants of the built package.
const resolve = module.constructor._resolveFilename;
module.constructor._resolveFilename = function (request, parent, ...rest) {
  const ours = parent?.filename?.startsWith(root) && !parent.filename.includes('node_modules');
  const source = ours && request.startsWith('.') && request.endsWith('.js') ? request.slice(0, -3) : request;
  return resolve.call(this, source, parent, ...rest);
};
