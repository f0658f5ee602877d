import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { IStackSynthesizer, TerraformStack } from 'cdktf';

/** Files that go with a stack into the output folder. */
export interface SynthFiles {
  /** By path below the stack's own folder, where Terraform runs: name them in resources by this path. */
  readonly stackFiles: ReadonlyMap<string, string | Uint8Array>;
  /** By path below the output folder. */
  readonly outputFiles: ReadonlyMap<string, string | Uint8Array>;
  /** By path below the stack's own folder; asked for when the stack is written. */
  readonly lateFiles?: () => ReadonlyMap<string, string>;
  /** Folders below the stack's own that are emptied first: nothing of an earlier plan stays. */
  readonly ownFolders: readonly string[];
}

/**
 * Writes files when `app.synth()` writes the stack, and not before: a synth for a test, which only returns
 * text, writes none. Wraps the stack's synthesizer, which cdktf offers for replacement.
 */
export function writeAtSynth(stack: TerraformStack, files: SynthFiles): void {
  const wrapped: IStackSynthesizer = stack.synthesizer;
  stack.synthesizer = {
    synthesize(session) {
      wrapped.synthesize(session);
      const folder = path.join(session.outdir, session.manifest.forStack(stack).workingDirectory);
      for (const own of files.ownFolders) rmSync(path.join(folder, own), { recursive: true, force: true });
      writeAll(folder, files.stackFiles);
      writeAll(folder, files.lateFiles?.() ?? new Map());
      writeAll(session.outdir, files.outputFiles);
    },
  };
}

function writeAll(folder: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  for (const [name, content] of files) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
