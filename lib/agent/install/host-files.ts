import { chmodSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { networkdSettings, unmanagedInterfaces, writtenByAgent } from '../../gateway/host-files';
import { loopbackDevice, returnDevice } from '../apply/numbers';
import { runProcess } from '../apply/linux/run-process';
import { gatewaySchema } from '../../gateway/shape';
import { print, printError } from '../files/print';
import { replaceFile } from '../files/replace-file';

/** Our files in systemd's folder of configuration; in each folder a file of a later name wins. */
export const networkdFile = path.join('networkd.conf.d', '50-dwcp.conf');
/** The first `.network` file by name that matches an interface decides about it. */
export const networkFile = path.join('network', '05-dwcp.network');

export interface HostFilesOptions {
  /** Folder of the unpacked bundle. */
  readonly bundle: string;
  /** Folder of systemd's configuration. */
  readonly etc: string;
  /** How systemctl(1) and networkctl(1) are called; default by their names. */
  readonly systemctl?: string;
  readonly networkctl?: string;
}

/** What became of a file; `theirs`: a file or link (to /dev/null, say) that the agent did not write. */
type Written = 'kept' | 'written' | 'theirs';

/**
 * `dwcp-agent host-files`: tells systemd-networkd which routes, rules, nexthops and interfaces are not its
 * own, and has it read that. Files of the user are left alone and named. Does nothing where all is there.
 *
 * A running networkd is restarted for its settings, which version 252 reads at no other time; addresses,
 * leases and routes stay (`RestartKillSignal=` of its unit). For interfaces alone it reloads.
 *
 * @returns 0 all is there or the user's, 1 it could not be written or read.
 */
export async function writeHostFiles(options: HostFilesOptions): Promise<number> {
  const { bundle, etc, systemctl = 'systemctl', networkctl = 'networkctl' } = options;
  const text = readFileSync(path.join(bundle, 'gateway.json'), 'utf8');
  const names = gatewaySchema.parse(JSON.parse(text)).tunnels.map((tunnel) => tunnel.interfaceName);
  const settings = write(etc, networkdFile, networkdSettings);
  const links = write(etc, networkFile, unmanagedInterfaces([loopbackDevice, returnDevice, ...names]));
  const unit = 'systemd-networkd.service';
  if (settings === 'written') return told([systemctl, 'try-restart', unit]);
  if (links !== 'written') return 0;
  const { code } = await runProcess([systemctl, '--quiet', 'is-active', unit]);
  return code === 0 ? told([networkctl, 'reload']) : 0;
}

function write(etc: string, name: string, text: string): Written {
  const file = path.join(etc, name);
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there) {
    const found = there.isFile() ? readFileSync(file, 'utf8') : '';
    if (!found.startsWith(writtenByAgent)) {
      print(`${file} is not ours: left as it is`);
      return 'theirs';
    }
    if (found === text) return 'kept';
  }
  // Whatever the umask: networkd reads as a user of its own.
  const made = mkdirSync(path.dirname(file), { recursive: true });
  if (made !== undefined) chmodSync(path.dirname(file), 0o755);
  replaceFile(file, text, 0o644);
  print(`wrote ${file}`);
  return 'written';
}

async function told(command: readonly string[]): Promise<number> {
  const { code, stderr } = await runProcess(command);
  // Where there is no systemd, there is no networkd to be told.
  if (code === 0 || code === null) return 0;
  printError(`dwcp-agent: ${command.join(' ')}: ${stderr.trim()}`);
  return 1;
}
