import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { motoHint, motoProgram } from '../support/moto';
import { hasTerraform } from '../support/terraform';

const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');

/** Where this package's tests keep what is dear to make. */
export const cacheFolder = path.join(cache, 'dwcp-multiregion');

/** A filesystem mirror with Terraform's AWS provider. */
export const mirror = process.env.DWCP_PROVIDER_MIRROR ?? path.join(cacheFolder, 'provider-mirror');

/** The version of the AWS provider in the mirror; undefined: there is none. */
export const providerVersion = existsSync(mirror)
  ? readdirSync(mirror, { recursive: true, encoding: 'utf8' })
      .map((file) => /terraform-provider-aws_v(\d+\.\d+\.\d+)/.exec(file)?.[1])
      .find((version) => version !== undefined)
  : undefined;

const hint =
  'name a filesystem mirror that holds hashicorp/aws in DWCP_PROVIDER_MIRROR; run in a stack folder, ' +
  'terraform providers mirror makes one where the registry can be reached';

/** Why nothing can be deployed here; undefined: it can. A mirror that does not serve fails, never skips. */
export const missing =
  process.getuid?.() !== 0
    ? 'no root, for a hosts file of its own'
    : !hasTerraform()
      ? 'no terraform'
      : motoProgram() === undefined
        ? `no moto: ${motoHint}`
        : providerVersion === undefined
          ? `no provider: ${hint}`
          : undefined;

/** Is there a built package, which `npm run test:aws` makes first? */
export const isBuilt = existsSync(path.join(__dirname, '..', '..', 'dist', 'lib', 'cli', 'main.js'));
export const notBuilt = 'the package is not built: npm run build';
