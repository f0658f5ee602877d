import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

type Body = Record<string, unknown>;
type ByType = Record<string, Record<string, Body>>;
interface Whole {
  terraform: Body;
  provider?: unknown;
  resource?: ByType;
  data?: ByType;
}

/**
 * Puts a `terraform_data`, which Terraform itself knows, in the place of each AWS resource and look-up, so
 * that Terraform evaluates, orders, applies and keeps the whole configuration where there is no provider. A
 * stand-in holds the arguments as they are, and of what AWS would answer a made-up value wherever a reference
 * asks for it. Nothing of AWS or of the provider's own checks is tried by that.
 */
export function putStandIns(stackFolder: string): void {
  const file = path.join(stackFolder, 'cdk.tf.json');
  const whole = JSON.parse(readFileSync(file, 'utf8')) as Whole;
  const elements = [
    ...ofKind(whole.resource, ''),
    ...ofKind(whole.data, 'data.').filter(({ type }) => type !== 'terraform_remote_state'),
  ];
  const text = JSON.stringify(whole);
  const stands: Record<string, Body> = {};
  for (const { address, body } of elements) {
    const { lifecycle, depends_on: after } = body as { lifecycle?: Body; depends_on?: string[] };
    const input: Body = Object.fromEntries(
      attributesAsked(text, address).map((asked) => [asked, madeUp(address, asked)]),
    );
    // Write-only arguments take ephemeral values, which nothing else may hold.
    for (const [name, value] of Object.entries(body)) {
      if (!name.endsWith('_wo') && !meta.has(name)) input[name] = value;
    }
    stands[standInId(address)] = {
      input,
      ...(after !== undefined && {
        depends_on: after.map((to) => `terraform_data.${standInId(to)}`),
      }),
      ...(lifecycle?.precondition !== undefined && { lifecycle: { precondition: lifecycle.precondition } }),
    };
  }
  delete whole.provider;
  delete whole.terraform.required_providers;
  whole.resource = { terraform_data: stands };
  const remote = whole.data?.terraform_remote_state;
  whole.data = remote && { terraform_remote_state: remote };
  // Longest first: one address may begin another.
  const addresses = elements.map(({ address }) => address).sort((a, b) => b.length - a.length);
  const asked = addresses.reduce(
    (so, address) => so.replaceAll(`${address}.`, `terraform_data.${standInId(address)}.output.`),
    JSON.stringify(whole),
  );
  writeFileSync(file, asked);
}

const meta = new Set(['lifecycle', 'depends_on', 'provider', '//']);

function ofKind(types: ByType = {}, prefix: '' | 'data.') {
  return Object.entries(types).flatMap(([type, byId]) =>
    Object.entries(byId).map(([id, body]) => ({ type, body, address: `${prefix}${type}.${id}` })),
  );
}

const standInId = (address: string) => address.replaceAll('.', '__');

function attributesAsked(text: string, address: string): string[] {
  const escaped = address.replaceAll('.', '\\.');
  const found = text.matchAll(new RegExp(`(?<![\\w.-])${escaped}\\.([a-z_0-9]+)`, 'g'));
  return [...new Set([...found].map(([, attribute]) => attribute))].sort();
}

function madeUp(address: string, attribute: string): unknown {
  if (attribute === 'names' || attribute === 'locations') return ['zone-a', 'zone-b', 'zone-c'];
  if (attribute === 'account_id') return '123456789012';
  if (attribute === 'public_ip') return `198.51.100.${(address.length * 7) % 250}`;
  return `${attribute} of ${address}`;
}
