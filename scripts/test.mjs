// npm test: first what computes, over all cores; then constructs and stacks once more, with CDK Terrain in
// the place of CDKTF; then what boots machines and mostly waits, two files at a time; then, one file at a
// time, what forwards packets in network namespaces and holds them to rates and times, which other work
// beside it would spoil.
//
//   npm test -- traffic            the tests of one room, or of several, phase by phase
//   npm test -- traffic -t least   further arguments go to jest
//   npm run test:quick             what computes, but for laws on many seeds and other slow files
//   npm run test:slow              all of npm test, seeded laws on all seeds that they were ever tried on
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const patient = 'test/(boot/boot|agent/(doctor/|apply/networkd|peers/rotation\\.)|lab/life)';
const alone =
  'test/(lab/(beside|carries|drift|four-regions|ops|relay|restart|takeover|trust)|agent/(apply/(forwarding|helpers|linux|shaping|switch)|probe/(interop|namespaces)|peers/endpoints-attacked))';

// Minutes of Terraform; npm run test:aws runs them.
const deployments = '/test/aws/(deploy|commands|empty-root|opentofu|stand-ins)';

// What takes more than about two seconds of a core: laws on many seeds, whole synths, other programs.
const slow =
  'test/(' +
  [
    'addressing/(edits|rename)',
    'agent/(api/|apply/(fake-host|heal-random)|peers/rotation|probe/(attacks|health|mirror|restart|traffic-probes)|run/agent-loop|takeover/(aws|laws)|telemetry/)',
    'agent/decide/(decide|predicted|rebalance|ten-thousand-flaps)',
    'aws/',
    'bench/',
    'cli/(calendar|check-cases|keys|lock-(law|merge)|pair-threads|reading-cases)',
    'constructs/(?!tokens|charges|unit-security)',
    'docs/(code|commands|examples)',
    'failure/(recompute-twin|zoo|repair)',
    'hostile/',
    'lab/(predict|prefixes|underlay-commands)',
    'net/(key-file|rotate-keys|age-recipients)',
    'package/',
    'project/write-file',
    'plan/(availability|determinism|goldens|least-change|standby|transit)',
    'reservation/(admission|bandwidth-models|preemption|step-function|timeline|year)',
    'routing/(directed-search|networkx|standby|twins|zoo)',
    'stacks/(determinism|inventory|six-regions)',
    'traffic/(conflict|fill-fairly|keep-split|twins|zoo)',
    'verify/',
  ].join('|') +
  ')';

function jest(args) {
  const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', ...args], {
    stdio: 'inherit',
  });
  return status ?? 1;
}

/** Arguments of jest for each phase; `rest` stands before lists of patterns, which would swallow it. */
function phasesOf({ quick, rooms, rest }) {
  const elsewhere = ['--testPathIgnorePatterns', '/test/package/project/', deployments, patient, alone];
  if (quick) return [[...rest, ...elsewhere, slow]];
  if (rooms.length === 0) {
    if (rest.length > 0) return [rest];
    return [
      elsewhere,
      ['--config', 'jest.cdktn.config.js'],
      ['--testPathPatterns', patient],
      ['--runInBand', '--testPathPatterns', alone],
    ];
  }
  const room = `test/(${rooms.join('|')})/`;
  const only = (phase) => ['--testPathPatterns', `(?=.*${room}).*${phase}`];
  // Not every room has a file in every phase.
  const some = [...rest, '--passWithNoTests'];
  return [
    [...some, ...elsewhere, '--testPathPatterns', room],
    [...some, '--config', 'jest.cdktn.config.js', '--testPathPatterns', room],
    [...some, ...only(patient)],
    [...some, '--runInBand', ...only(alone)],
  ];
}

const isRoom = (name) => statSync(`test/${name}`, { throwIfNoEntry: false })?.isDirectory() ?? false;

const asked = process.argv.slice(2).filter((argument) => argument !== '--quick');
const first = asked.findIndex((argument) => !isRoom(argument));
const end = first < 0 ? asked.length : first;
const quick = process.argv.includes('--quick');
const phases = phasesOf({ quick, rooms: asked.slice(0, end), rest: asked.slice(end) });
// All, whatever the first says: one run names all that fails.
process.exitCode = Math.max(...phases.map(jest));
