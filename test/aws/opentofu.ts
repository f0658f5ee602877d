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
    const [, major, minor] = /^OpenTofu v(\d+)\.(\d+)/m.exec(stdout ?? '') ?? [];
    return status === 0 && (Number(major) > 1 || Number(minor) >= 11);
  });
}

export const tofuHint =
  'no OpenTofu 1.11 or later: name one in DWCP_TOFU, or make one with test/aws/opentofu.sh';

/**
 * The same stand-in and provider for OpenTofu. It calls its registry otherwise, so the mirror is shown to it
 * under that name as well.
 */
export function withOpenTofu(cloud: ProviderCloud, program: string): ProviderCloud {
  const { folder } = cloud;
  const shown = path.join(folder, 'tofu-mirror');
  const platforms = readdirSync(mirror, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^[^/]+(\/[^/]+){4}$/.test(file),
  );
  for (const platform of platforms) {
    const [, ...rest] = platform.split('/');
    const place = path.join(shown, 'registry.opentofu.org', ...rest);
    mkdirSync(path.dirname(place), { recursive: true });
    // Only a platform's folder may be a link.
    symlinkSync(path.resolve(mirror, platform), place);
  }
  const rc = path.join(folder, 'tofu.rc');
  writeFileSync(
    rc,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(shown)}\n  }\n}\n`,
  );
  return { ...cloud, program, env: { ...cloud.env, TF_CLI_CONFIG_FILE: rc } };
}
