import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { networkdFile, networkFile, writeHostFiles } from '../../../lib/agent/install/host-files';
import { gatewayFiles } from '../../../lib/gateway';
import { linePlan } from '../../gateway/plan-fixture';
import { catchOutput } from '../../support/catch-output';

let gateway: string;
let folder: string;
let said: string[];
const at = (...parts: string[]) => path.join(folder, ...parts);

beforeAll(async () => {
  const { plan } = await linePlan();
  gateway = gatewayFiles(plan, 'b/1', null).get('gateway.json')!;
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-host-files-'));
  writeFileSync(at('gateway.json'), gateway);
  mkdirSync(at('etc'));
  for (const name of ['systemctl', 'networkctl']) {
    writeFileSync(at(name), `#!/bin/sh\necho "${name} $*" >>${at('calls')}\n`);
    chmodSync(at(name), 0o755);
  }
  said = catchOutput();
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const write = () =>
  writeHostFiles({
    bundle: folder,
    etc: at('etc'),
    systemctl: at('systemctl'),
    networkctl: at('networkctl'),
  });
const etc = (file: string) => readFileSync(at('etc', file), 'utf8');
function calls(): string[] {
  const lines = existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trimEnd().split('\n') : [];
  rmSync(at('calls'), { force: true });
  return lines;
}
const restarted = ['systemctl try-restart systemd-networkd.service'];
const reloaded = ['systemctl --quiet is-active systemd-networkd.service', 'networkctl reload'];

test('writes both files for everybody to read, restarts networkd once, and then does nothing', async () => {
  const before = process.umask(0o077);
  expect(await write()).toBe(0);
  process.umask(before);
  expect(etc(networkdFile)).toContain('ManageForeignRoutingPolicyRules=no\n');
  expect(etc(networkFile)).toContain('\nName=dwcp0 dwcp1 wg-a wg-c\n');
  for (const file of [path.dirname(networkdFile), networkdFile, path.dirname(networkFile), networkFile]) {
    expect([file, statSync(at('etc', file)).mode & 0o005]).not.toEqual([file, 0]);
  }
  expect([calls(), said.length]).toEqual([restarted, 2]);
  expect(await write()).toBe(0);
  expect([calls(), said.length]).toEqual([[], 2]);
});

test('follows the tunnels of a new plan by a reload alone', async () => {
  await write();
  calls();
  writeFileSync(at('gateway.json'), gateway.replaceAll('"wg-c"', '"wg-d"'));
  expect(await write()).toBe(0);
  expect(etc(networkFile)).toContain('\nName=dwcp0 dwcp1 wg-a wg-d\n');
  expect(calls()).toEqual(reloaded);
});

test("leaves the user's own file and a link to /dev/null alone, and says so", async () => {
  mkdirSync(path.dirname(at('etc', networkdFile)), { recursive: true });
  mkdirSync(path.dirname(at('etc', networkFile)), { recursive: true });
  writeFileSync(at('etc', networkdFile), '[Network]\nManageForeignRoutes=yes\n');
  symlinkSync('/dev/null', at('etc', networkFile));
  expect(await write()).toBe(0);
  expect(etc(networkdFile)).toBe('[Network]\nManageForeignRoutes=yes\n');
  expect([etc(networkFile), calls()]).toEqual(['', []]);
  expect(said).toEqual([
    `${at('etc', networkdFile)} is not ours: left as it is\n`,
    `${at('etc', networkFile)} is not ours: left as it is\n`,
  ]);
});

test('says why networkd could not be told', async () => {
  writeFileSync(at('systemctl'), '#!/bin/sh\necho "access denied" >&2; exit 1\n');
  expect(await write()).toBe(1);
  expect(said.at(-1)).toMatch(
    /^dwcp-agent: .*systemctl try-restart systemd-networkd\.service: access denied\n$/,
  );
});
