import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const kernel = '/usr/bin/linux.uml';
const modules = '/usr/lib/uml/modules';

/** Why Debian's user-mode Linux cannot be had on this machine; undefined: it can. */
export function userModeGap(): string | undefined {
  if (process.geteuid?.() !== 0) return 'user-mode Linux reads the files of root here';
  const missing = [kernel, '/usr/bin/python3', '/sbin/ip'].find((file) => !existsSync(file));
  return missing && `${missing} is not installed`;
}

/**
 * Runs lines of sh as the first process of a kernel of its own, which has what the machine's may lack. It
 * sees the machine's files, and no network.
 *
 * @param loads modules that are loaded first, in this order, what they need before them.
 * @throws Error with what was printed, if the lines did not come to their end within 60 s.
 */
export function inUserMode(loads: readonly string[], lines: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-uml-'));
  const script = path.join(folder, 'init');
  const [version] = readdirSync(modules);
  const ends = 'the lines are at their end';
  // Debian has insmod in kmod, which containers lack; 313 is finit_module.
  const load = `import ctypes, os, sys
found = {name: root for root, _, files in os.walk('${modules}/${version}') for name in files}
for name in sys.argv[1:]: ctypes.CDLL(None).syscall(313, os.open(found[name] + '/' + name, 0), b'', 0)`;
  const init = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
python3 -c "${load}" ${loads.map((name) => `${name}.ko`).join(' ')}
sh -ec '
${lines.replace(/'/g, `'\\''`)}
echo ${ends}' 2>&1
echo o >/proc/sysrq-trigger
sleep 10
`;
  try {
    writeFileSync(script, init, { mode: 0o700 });
    const disk = ['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'rw'];
    const words = ['mem=192M', ...disk, `init=${script}`, 'con=null', 'con0=null,fd:1', 'quiet'];
    const { stdout } = spawnSync(kernel, words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    const printed = stdout.replace(/\r/g, '');
    const end = printed.indexOf(ends);
    if (end === -1) throw new Error(printed);
    return printed.slice(0, end);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
