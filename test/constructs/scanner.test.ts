import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { skipped } from '../net/skipped';
import { line, synthesize, type Synthesized } from './fixture';

interface Finding {
  readonly check_id: string;
  readonly resource: string;
}

/** checkov of the machine, else of where `.ci/run` puts it. */
function scanner(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  const own = path.join(cache, 'dwcp-multiregion', 'checkov', 'bin', 'checkov');
  return [process.env.DWCP_CHECKOV, own].find((file) => file !== undefined && existsSync(file));
}

/** The Terraform types by logical id: an address says one, or only `resource` or `data`. */
function typesOf({ resource = {}, data = {} }: Synthesized): ReadonlyMap<string, string> {
  const kinds = [...Object.entries(resource), ...Object.entries(data)];
  return new Map(kinds.flatMap(([type, byId]) => Object.keys(byId).map((id) => [id, type] as const)));
}

/** Failed checks, as `<check> <resource type>`, and how many passed. */
function scan(program: string, synthesized: Synthesized): { failed: Set<string>; passed: number } {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-scan-'));
  try {
    const file = path.join(folder, 'network.tf.json');
    // Its reader of Terraform JSON does not know plain values in the `terraform` block.
    writeFileSync(file, JSON.stringify({ ...synthesized, terraform: undefined }, null, 1));
    const { stdout, stderr } = spawnSync(
      program,
      ['-f', file, '--framework', 'terraform_json', '--skip-download', '--quiet', '-o', 'json'],
      { encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120_000 },
    );
    if (stdout === '') throw new Error(stderr);
    const { summary, results } = JSON.parse(stdout) as {
      summary: { passed: number; parsing_errors: number };
      results: { failed_checks: readonly Finding[] };
    };
    expect(summary.parsing_errors).toBe(0);
    const types = typesOf(synthesized);
    const words = results.failed_checks.map(({ check_id: check, resource }) => {
      return `${check} ${types.get(resource.split('.').pop()!)}`;
    });
    return { failed: new Set(words), passed: summary.passed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const names: Readonly<Record<string, string>> = {
  bucket: 'aws_s3_bucket',
  instance: 'aws_instance',
  secret: 'aws_secretsmanager_secret',
  'log group': 'aws_cloudwatch_log_group',
  'look-up of zones': 'aws_availability_zones',
  'Elastic IP': 'aws_eip',
};

function answered(): Set<string> {
  const text = readFileSync(path.join(__dirname, '..', '..', 'docs', 'scanner.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (CKV\w+) \| ([^|]+) \| ([^|]+) \|$/gm)];
  for (const [, check, , answer] of rows) expect([check, answer.length > 40]).toEqual([check, true]);
  return new Set(rows.map(([, check, on]) => `${check} ${names[on]}`));
}

describe('a scanner over the emitted configuration', () => {
  const network: NetworkDescription = { ...line, tags: { owner: 'network' } };

  it('finds what docs/scanner.md answers, and nothing else', () => {
    const program = scanner();
    if (program === undefined) return skipped('needs checkov; see .ci/run, or name it in DWCP_CHECKOV');
    const { failed, passed } = scan(program, synthesize(network).synthesized);
    expect(passed).toBeGreaterThan(200);
    expect([...failed].sort()).toEqual([...answered()].sort());
  });

  it('would find an open port', () => {
    const program = scanner();
    if (program === undefined) return skipped('needs checkov; see .ci/run, or name it in DWCP_CHECKOV');
    const { synthesized } = synthesize(network);
    const open = { cidr_ipv4: '0.0.0.0/0', from_port: 22, to_port: 22, ip_protocol: 'tcp' };
    const type = 'aws_vpc_security_group_ingress_rule';
    const rules = { ...synthesized.resource![type], open };
    const { failed } = scan(program, {
      ...synthesized,
      resource: { ...synthesized.resource, [type]: rules },
    });
    expect([...failed].filter((finding) => !answered().has(finding)).length).toBeGreaterThan(0);
  });
});
