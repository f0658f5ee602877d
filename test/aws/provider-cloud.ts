import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { motoProgram, startMoto, type Moto } from '../support/moto';
import type { Cloud } from './deployment';
import { mirror, providerVersion } from './provider-mirror';

/** The real provider before a stand-in of AWS. */
export interface ProviderCloud extends Cloud {
  readonly moto: Moto;
  /** For whatever the suite makes; `terraform.rc` is in it. */
  readonly folder: string;
  /** Also removes the folder. */
  stop(): Promise<void>;
}

/** The accounts that the stand-in plays. */
const accounts = ['123456789012', '222222222222'];

/** Starts the stand-in, and writes what Terraform needs to find it and the provider into a new folder. */
export async function providerCloud(suite: string): Promise<ProviderCloud> {
  const folder = mkdtempSync(path.join(tmpdir(), `dwcp-${suite}-`));
  const moto = await startMoto(motoProgram()!, folder);
  const rc = path.join(folder, 'terraform.rc');
  const source = `filesystem_mirror {\n    path = ${JSON.stringify(path.resolve(mirror))}\n  }`;
  writeFileSync(rc, `provider_installation {\n  ${source}\n}\n`);
  const hostsFile = path.join(folder, 'hosts');
  // S3 Control puts the account before the host.
  const names = accounts.map((account) => `127.0.0.1 ${account}.127.0.0.1\n`).join('');
  writeFileSync(hostsFile, readFileSync('/etc/hosts', 'utf8') + names);
  return {
    moto,
    folder,
    env: { ...moto.env, TF_CLI_CONFIG_FILE: rc },
    hostsFile,
    program: 'terraform',
    providerVersion: providerVersion!,
    async stop() {
      await moto.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
