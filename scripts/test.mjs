// npm test: first what computes, over all cores; then constructs and stacks once more, with CDK Terrain in
// the place of CDKTF; then what boots machines and mostly waits, two files at a time; then, one file at a
// time, what forwards packets in network namespaces and holds them to rates and times, which other work
// beside it would spoil. Arguments go to jest.
import { spawnSync } from 'node:child_process';

const patient = 'test/(boot/boot|agent/(doctor|networkd|rotation\\.)|lab/life)';
const alone =
  'test/(lab/(beside|carries|drift|four-regions|ops|relay|restart|takeover)|agent/(apply-(forwarding|helpers|linux|shaping|switch)|probe-(interop|namespaces)|endpoints-attacked))';

function jest(args) {
  const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', ...args], {
    stdio: 'inherit',
  });
  return status ?? 1;
}

// Minutes of Terraform; npm run test:aws runs them.
const deployments = '/test/aws/(deploy|commands|empty-root|opentofu|stand-ins)';

const asked = process.argv.slice(2);
const phases =
  asked.length > 0
    ? [asked]
    : [
        ['--testPathIgnorePatterns', '/test/package/project/', deployments, patient, alone],
        ['--config', 'jest.cdktn.config.js'],
        ['--testPathPatterns', patient],
        ['--runInBand', '--testPathPatterns', alone],
      ];
// All, whatever the first says: one run names all that fails.
process.exitCode = Math.max(...phases.map(jest));
