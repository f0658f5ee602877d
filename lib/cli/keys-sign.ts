import { join, relative, resolve } from 'node:path';
import { readManifest } from '../gateway/manifest';
import { count } from '../units';
import { openFile, readOrFail } from './keys-files';
import { KeysFailure, type KeysIo } from './keys-io';
import type { SecretOptions } from './keys-secret';
import { NotOurs, signManifests } from './sign-manifests';
import { signaturesFile, signedStacks, writeSignatures, type SignedStack } from './sign-stacks';

/**
 * `dwcp keys sign`: signs what was synthesized before, for a deployment that does not synthesize itself.
 * Writes a file of Terraform variables into the folder of each stack; equal input gives equal bytes.
 *
 * @param folder of one stack, or of all that were synthesized.
 */
export async function signFolder(
  path: string,
  folder: string,
  options: SecretOptions,
  io: KeysIo,
): Promise<number> {
  const next = `next: synthesize first ('npx cdktn synth'), or name the output folder`;
  const stacks = stacksIn(resolve(io.cwd, folder), `${folder} cannot be read`, next);
  if (stacks.length === 0) throw new KeysFailure(`error: ${folder} holds no manifests\n  ${next}`);
  const file = resolve(io.cwd, path);
  const opened = await openFile(file, readOrFail(file, io), options, io);
  const found = stacks.map((stack) => {
    try {
      return { ...stack, signatures: signManifests(opened, stack.manifests) };
    } catch (error) {
      if (!(error instanceof NotOurs)) throw error;
      throw new KeysFailure(`error: ${error.message}\n  nothing was signed`);
    }
  });
  for (const { folder: stack, manifests, signatures } of found) {
    writeSignatures(stack, manifests, signatures);
    const generations = new Set(manifests.map((text) => readManifest(text)!.generation));
    const what = `${count(manifests.length, 'manifest')} of generation ${[...generations].join(', ')}`;
    io.stdout.write(`signed ${what}: ${relative(io.cwd, join(stack, signaturesFile))}\n`);
  }
  return 0;
}

/** @throws KeysFailure where the folder cannot be read. */
function stacksIn(folder: string, message: string, next: string): readonly SignedStack[] {
  try {
    return signedStacks(folder);
  } catch (error) {
    throw new KeysFailure(`error: ${message}: ${(error as NodeJS.ErrnoException).code}\n  ${next}`);
  }
}
