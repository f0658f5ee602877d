import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ProviderCloud } from './provider-cloud';
import { cacheFolder, mirror } from './provider-mirror';

/** OpenTofu 1.11 or later, which has write-only arguments; undefined: there is none. */
export function openTofu(): string | undefined {
  const candidates = [process.env.DWCP_TOFU, path.join(cacheFolder, 'tofu'), 'tofu'];
  return candidates.find((program) => {
    if (program === undefined) return false;
    const { status, stdout } = spawnSync(program, ['version'], { encoding: 'utf8' });
    const [, major, minor] = /^OpenTofu v(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
    return status === 0 && (Number(major) > 1 || Number(minor) >= 11);
  });
}

export const tofuHint =
  'no OpenTofu 1.11 or later: name one in DWCP_TOFU, or make one with test/aws/opentofu.sh';

/**
 * The same stand-in and provider for OpenTofu. It calls its registry otherwise, so the mirror is shown to it
 * under that name as well.
 */
export function withOpenTofu(cloud: ProviderCloud, program: string, folder: string): ProviderCloud {
  const shown = path.join(folder, 'tofu-mirror');
  mkdirSync(shown);
  for (const host of readdirSync(mirror)) symlinkSync(path.resolve(mirror, host), path.join(shown, host));
  const [host] = readdirSync(mirror);
  symlinkSync(path.resolve(mirror, host), path.join(shown, 'registry.opentofu.org'));
  const rc = path.join(folder, 'tofu.rc');
  writeFileSync(
    rc,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(shown)}\n  }\n}\n`,
  );
  return { ...cloud, program, env: { ...cloud.env, TF_CLI_CONFIG_FILE: rc } };
}
