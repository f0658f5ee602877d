import path from 'node:path';
import { formatDiagnostic, hasErrors } from '../../diagnostics';
import type { PlanDocument } from '../../plan';
import { fileNames } from '../../project/file-names';
import type { CliIo } from '../io';
import { loadPlan } from '../../project';
import { hostOf } from '../host';
import { openFile, readOrFail } from '../keys-files';
import { KeysFailure, type KeysIo } from '../keys-io';
import type { SecretOptions } from '../keys-secret';
import { overlayReach } from './overlay-reach';
import type { OpsGateway, Reach } from './reach';
import { ssmReach } from '../aws/ssm-reach';

/** Options of every command that asks gateways. */
export interface OpsOptions extends SecretOptions {
  readonly by: 'overlay' | 'ssm';
  /** Key file. Default: the one beside the description. */
  readonly keys?: string;
  /** Longest wait for one gateway, s. */
  readonly timeout: number;
  readonly json?: boolean;
  /** Gateways or regions to ask. Default: all. */
  readonly only?: readonly string[];
}

/** The network that operators' commands speak to. */
export interface OpsWorld {
  readonly plan: PlanDocument;
  readonly gateways: readonly OpsGateway[];
  readonly reach: Reach;
  readonly timeoutMs: number;
}

/**
 * Reads a plan or description, and opens the way to its gateways.
 *
 * @throws KeysFailure with a text for the operator.
 */
export async function openWorld(io: CliIo, file: string, options: OpsOptions): Promise<OpsWorld> {
  const { plan, diagnostics } = loadPlan(hostOf(io), file);
  if (!plan || hasErrors(diagnostics)) {
    throw new KeysFailure(
      diagnostics
        .filter((d) => d.severity === 'error')
        .map(formatDiagnostic)
        .join('\n'),
    );
  }
  const timeoutMs = options.timeout * 1000;
  const gateways = chosen(plan, options.only);
  if (options.by === 'ssm') return { plan, gateways, timeoutMs, reach: ssmReach(plan, timeoutMs) };
  if (!plan.operations?.api) {
    const next = "add 'operations: {}' and deploy it, or use --by ssm";
    throw new KeysFailure(`error: '${plan.network}' opens no way in over the overlay\n  next: ${next}`);
  }
  const keys = path.resolve(io.cwd, options.keys ?? keyFileBeside(file, plan));
  const keysIo: KeysIo = { ...io, loadGateways: () => Promise.reject(new Error('not asked here')) };
  const opened = await openFile(keys, readOrFail(keys, keysIo), options, keysIo, plan.identity);
  return { plan, gateways, timeoutMs, reach: overlayReach(opened, timeoutMs) };
}

function keyFileBeside(file: string, { network, identity }: PlanDocument): string {
  const folder = file === '-' ? '.' : path.dirname(file);
  const none = { network: null, regions: {}, links: {} };
  return path.join(folder, fileNames('keys', { name: network, renames: none }, identity)[0]);
}

function chosen(plan: PlanDocument, only: readonly string[] | undefined): OpsGateway[] {
  const all = plan.gateways.map(({ id, identity, region, ipv4 }): OpsGateway => ({
    id,
    identity,
    region,
    ipv4,
  }));
  if (only === undefined) return all;
  const unknown = only.find((name) => !all.some((g) => g.id === name || g.region === name));
  if (unknown !== undefined) {
    const names = all.slice(0, 20).map((g) => g.id);
    throw new KeysFailure(
      `error: there is no gateway or region '${unknown}'\n  next: there are ${names.join(', ')}`,
      2,
    );
  }
  return all.filter((g) => only.includes(g.id) || only.includes(g.region));
}
