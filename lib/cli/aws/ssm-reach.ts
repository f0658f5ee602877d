import { gunzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DoctorView, StateView } from '../../agent/client';
import { ownTags } from '../../clouds/aws/names';
import type { PlanDocument } from '../../plan';
import type { GatewayLook, OpsGateway, Reach } from '../ops/reach';

type Sdk = typeof import('@aws-sdk/client-ssm');

const packageName = '@aws-sdk/client-ssm';
const pollMs = 500;

/** Something that the operator is told, with what to do. */
class SsmFailure extends Error {
  constructor(
    message: string,
    readonly next: string,
  ) {
    super(message);
  }
}

/**
 * By AWS Systems Manager: `SendCommand` runs `dwcp-agent` on the instance that bears a gateway's tags.
 * Credentials and endpoint as the SDK finds them; it is loaded when it is asked first.
 *
 * @param timeoutMs longest for one gateway: what AWS has not delivered by then is not run either.
 */
export function ssmReach(plan: PlanDocument, timeoutMs: number): Reach {
  const run = async <T>(gateway: OpsGateway, words: readonly string[], ms = timeoutMs): Promise<T> =>
    JSON.parse(await runOn(plan, gateway, words, ms)) as T;
  return {
    look: (gateway) => run<GatewayLook>(gateway, ['status']),
    drain: (gateway, { of, id, forSeconds }, on) => {
      const time = on && forSeconds !== undefined ? ['--for', `${Math.round(forSeconds)}s`] : [];
      return run<StateView>(gateway, [on ? 'drain' : 'undrain', of, id, ...time]);
    },
    doctor: (gateway) => run<DoctorView>(gateway, ['doctor'], Math.max(timeoutMs, 60_000)),
  };
}

/** Standard output of `dwcp-agent <words> --json` on a gateway. */
async function runOn(
  plan: PlanDocument,
  gateway: OpsGateway,
  words: readonly string[],
  timeoutMs: number,
): Promise<string> {
  const region = plan.regions.find((r) => r.id === gateway.region)!;
  if (region.provider !== 'aws')
    throw new SsmFailure('it is not an instance in AWS', 'ask it over the overlay, or on itself');
  const sdk = await loadSdk();
  const client = new sdk.SSMClient({ region: region.place! });
  try {
    const tags = ownTags(plan, region, numberOf(gateway));
    const sent = await client.send(
      new sdk.SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        Comment: `dwcp ops ${words[0]} of ${plan.network}`,
        Targets: Object.entries(tags).map(([key, value]) => ({ Key: `tag:${key}`, Values: [value] })),
        Parameters: { commands: [scriptOf(words)], executionTimeout: [String(Math.ceil(timeoutMs / 1000))] },
        TimeoutSeconds: Math.max(30, Math.ceil(timeoutMs / 1000)),
      }),
    );
    return await outputOf(sdk, client, sent.Command!.CommandId!, Date.now() + timeoutMs);
  } catch (error) {
    if (error instanceof SsmFailure) throw error;
    const { name, message } = error as Error;
    throw new SsmFailure(`${name}: ${message}`, 'look at your AWS credentials and their region');
  } finally {
    client.destroy();
  }
}

async function outputOf(
  sdk: Sdk,
  client: InstanceType<Sdk['SSMClient']>,
  CommandId: string,
  endMs: number,
): Promise<string> {
  const { ListCommandInvocationsCommand, GetCommandInvocationCommand } = sdk;
  for (; Date.now() < endMs; await sleep(pollMs)) {
    const { CommandInvocations = [] } = await client.send(new ListCommandInvocationsCommand({ CommandId }));
    if (CommandInvocations.length > 1)
      throw new SsmFailure(
        'several instances bear its tags',
        "take the tags from those that are not the network's",
      );
    const [found] = CommandInvocations;
    if (!found || ['Pending', 'InProgress', 'Delayed'].includes(found.Status ?? '')) continue;
    const done = await client.send(
      new GetCommandInvocationCommand({ CommandId, InstanceId: found.InstanceId }),
    );
    if (found.Status === 'Success') return unpacked(done.StandardOutputContent ?? '');
    const said = (done.StandardErrorContent ?? '').trim().replace(/^dwcp-agent: /, '');
    const [message, ...next] = said.split('; ');
    throw new SsmFailure(message || `the command ended as ${found.Status}`, next.join('; '));
  }
  throw new SsmFailure(
    'no instance took the order',
    "'operations.ssm' puts an SSM agent there; look in Fleet Manager whether it reports",
  );
}

/**
 * Packed: Systems Manager keeps 24,000 characters of what a command prints. One that fails prints nothing
 * there; `doctor` answers, and its exit code says how the host is.
 */
function scriptOf(words: readonly string[]): string {
  const command = ['dwcp-agent', ...words, '--json'].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return `out=$(${command.join(' ')}) || [ -n "$out" ] || exit 1; printf %s "$out" | gzip -9 | base64 -w0`;
}

function unpacked(text: string): string {
  try {
    return gunzipSync(Buffer.from(text, 'base64')).toString('utf8');
  } catch {
    throw new SsmFailure('its answer is cut off', 'ask for fewer things at once, with --only');
  }
}

function numberOf({ id }: OpsGateway): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-ssm');
  } catch {
    const next = `install it beside dwcp-multiregion: npm install --save-dev ${packageName}`;
    throw new SsmFailure(`--by ssm needs the package ${packageName}`, next);
  }
}
