import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { manifestDigest } from '../gateway/manifest';
import { writeFileAtomic } from '../project/write-file';

/** Terraform variable that takes signatures: a JSON map from the SHA-256 of a manifest's text to base64. */
export const signaturesVariable = 'dwcp_signatures';

/** The file in a stack's folder in which Terraform finds that variable without being told. */
export const signaturesFile = 'dwcp-signatures.auto.tfvars.json';

/** Folder in a stack's folder, and how the names of manifests end there. */
const [manifestsFolder, manifestEnd] = ['gateways', '.manifest'];

/** The file of a gateway's manifest in a stack's folder, beside its bundle (`gateways/<gateway>.tar`). */
export function manifestFile(bundleFile: string): string {
  return bundleFile.replace(/\.tar$/, manifestEnd);
}

/** A stack with something to sign. */
export interface SignedStack {
  readonly folder: string;
  /** Their texts, by file name. */
  readonly manifests: readonly string[];
}

/**
 * Stacks that hold manifests, below an output folder or the folder itself, sorted.
 *
 * @throws Error of the file system where the folder cannot be read.
 */
export function signedStacks(folder: string): readonly SignedStack[] {
  const below = ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })];
  return below
    .filter((file) => path.basename(file) === manifestsFolder)
    .map((file) => path.join(folder, path.dirname(file)))
    .sort()
    .map((stack) => ({ folder: stack, manifests: manifestsIn(stack) }))
    .filter(({ manifests }) => manifests.length > 0);
}

/** The texts of the manifests in a stack's folder, by file name; none where it has no gateway. */
export function manifestsIn(stack: string): readonly string[] {
  const folder = path.join(stack, manifestsFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(manifestEnd))
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
}

/** The file that Terraform reads: equal manifests and keys give equal bytes. */
export function signaturesText(manifests: readonly string[], signatures: readonly string[]): string {
  const found = manifests.map((text, i) => [manifestDigest(text), signatures[i]] as const);
  found.sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ [signaturesVariable]: Object.fromEntries(found) }, null, 2)}\n`;
}

/** Writes the signatures of a stack's manifests into its folder, whole or not at all. */
export function writeSignatures(
  stack: string,
  manifests: readonly string[],
  signatures: readonly string[],
): void {
  writeFileAtomic(path.join(stack, signaturesFile), signaturesText(manifests, signatures));
}
