import path from 'node:path';
import { terraform } from '../support/terraform';
import type { DeployedNetwork } from './networks';

/** A network's folder, and what Terraform runs with there. */
export interface Place {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called with each stack's folder whenever its configuration was written. */
  readonly prepare: (stackFolder: string) => void;
}

const stackFolder = (place: Place, stack: string) => path.join(place.folder, 'stacks', stack);

/** Synthesizes and runs `terraform init` in each stack; what Terraform says where it fails. */
export async function initialize(network: DeployedNetwork, place: Place): Promise<string | undefined> {
  write(network, place, false);
  for (const stack of network.stacks) {
    const { status, text } = await run(network, place, stack, 'init', '-input=false');
    if (status !== 0) return text;
  }
  return undefined;
}

/**
 * Deploys an initialized network, finds nothing left to do, deploys a changed description without replacing
 * anything, finds nothing left to do, and takes everything down. Each expectation is of one stack.
 */
export async function live(network: DeployedNetwork, place: Place): Promise<void> {
  const { stacks } = network;
  for (const stack of stacks) {
    await succeed(network, place, stack, 'validate');
    await succeed(network, place, stack, 'plan', '-input=false', '-out=first.tfplan');
    const applied = await succeed(network, place, stack, 'apply', '-input=false', 'first.tfplan');
    expect([stack, applied]).toEqual([
      stack,
      expect.stringMatching(/[1-9]\d* added, 0 changed, 0 destroyed/),
    ]);
  }
  await settled(network, place);
  write(network, place, true);
  let changed = 0;
  for (const stack of stacks) {
    const applied = await succeed(network, place, stack, 'apply', '-input=false', '-auto-approve');
    const [, added, altered, destroyed] = /(\d+) added, (\d+) changed, (\d+) destroyed/.exec(applied)!;
    expect([stack, added, destroyed]).toEqual([stack, '0', '0']);
    changed += Number(altered);
  }
  expect(changed).toBeGreaterThan(0);
  await settled(network, place);
  for (const stack of [...stacks].reverse()) {
    const gone = await succeed(network, place, stack, 'destroy', '-input=false', '-auto-approve');
    expect([stack, gone]).toEqual([stack, expect.stringMatching(/Destroy complete! Resources: [1-9]/)]);
  }
}

function write(network: DeployedNetwork, place: Place, changed: boolean): void {
  network.synth(changed);
  for (const stack of network.stacks) place.prepare(stackFolder(place, stack));
}

async function settled(network: DeployedNetwork, place: Place): Promise<void> {
  for (const stack of network.stacks) {
    // 0: nothing to do; 2: something.
    const { status, text } = await run(network, place, stack, 'plan', '-input=false', '-detailed-exitcode');
    expect([stack, status, status === 0 ? '' : text]).toEqual([stack, 0, '']);
  }
}

async function succeed(network: DeployedNetwork, place: Place, stack: string, ...args: string[]) {
  const { status, text } = await run(network, place, stack, ...args);
  expect([stack, args[0], status, status === 0 ? '' : text]).toEqual([stack, args[0], 0, '']);
  return text;
}

function run(network: DeployedNetwork, place: Place, stack: string, ...args: string[]) {
  const env = { ...place.env, TF_VAR_dwcp_unseal_secrets: network.secrets };
  return terraform(stackFolder(place, stack), env, ...args);
}
