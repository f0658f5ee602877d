import { spawn, spawnSync } from 'node:child_process';

/** What a run of Terraform came to. */
export interface Run {
  readonly status: number;
  /** Both streams, white space folded, so that wrapped messages can be searched. */
  readonly text: string;
}

/** Is Terraform on the path? */
export function hasTerraform(): boolean {
  return spawnSync('terraform', ['version'], { stdio: 'ignore' }).status === 0;
}

/** Runs Terraform in a folder to its end. */
export function terraform(folder: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Run> {
  const child = spawn('terraform', [...args, '-no-color'], { cwd: folder, env });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => (text += more));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ status: code ?? -1, text: text.replace(/[\s│╷╵]+/g, ' ') }));
  });
}
