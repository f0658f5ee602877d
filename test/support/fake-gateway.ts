import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installedFetchProgram } from '../../constructs/clouds/aws/user-data';
import { bundle, type Manifest } from '../../lib/gateway';
import { seededRandom } from '../net/seeded-random';
import { SigningKeys } from './signing-keys';

/** Owner of the gateway's bucket; what another account owns is not given. */
export const account = '123456789012';

/**
 * A gateway's folders below one folder, with the program of the user data; buckets that are folders
 * (`s3/<bucket>`), and AWS and systemd that are scripts. `dublin/1` of network `net`.
 */
export class FakeGateway {
  readonly root = mkdtempSync(path.join(tmpdir(), 'dwcp-gateway-'));
  readonly keys = SigningKeys.create('net', seededRandom('fake gateway'));
  private readonly program = path.join(this.root, 'dwcp-fetch');

  constructor() {
    const folders = [
      'bin',
      's3/own/gateway-1',
      's3/own/reports',
      'opt/dwcp/releases',
      'run/dwcp',
      'etc/dwcp',
    ];
    for (const folder of [...folders, 'var/lib/dwcp-fetch']) mkdirSync(this.at(folder), { recursive: true });
    const placed = /\/(opt|etc|run)\/dwcp|\/var\/lib\/dwcp-fetch/g;
    this.script('dwcp-fetch', installedFetchProgram.replace(placed, `${this.root}$&`), this.root);
    const source = `AWS_DEFAULT_REGION=eu-west-1\nBUCKET=own\nACCOUNT=${account}\nFOLDER=gateway-1\nSECRET=unseal`;
    writeFileSync(
      this.at('etc/dwcp/source'),
      `${source}\nNETWORK=net\nGATEWAY=dublin/1\nKEY=${this.keys.first}\n`,
    );
    this.script('aws', fakeAws(this.root));
    this.script('systemctl', `#!/bin/bash\necho "systemctl $*" >>${this.root}/calls\n[ "$2" != is-active ]`);
    for (const tool of ['nft', 'wg']) this.script(tool, '#!/bin/bash');
    this.secret('AWSCURRENT', '5 c2VjcmV0\n');
    this.put('endpoints.json', '{"virginia/1":"192.0.2.1"}\n');
  }

  put(name: string, content: string | Uint8Array): void {
    writeFileSync(this.at('s3/own/gateway-1', name), content);
  }

  /** A version of its secret; null: there is none. */
  secret(stage: 'AWSCURRENT' | 'AWSPREVIOUS', text: string | null): void {
    if (text === null) rmSync(this.at(stage), { force: true });
    else writeFileSync(this.at(stage), text);
  }

  /** Puts a bundle and its signed manifest. */
  release(files: Record<string, string>, changed: Partial<Manifest> = {}, keys = this.keys): string {
    const { bytes, sha256 } = bundle(new Map(Object.entries(files)));
    this.put('bundle.tar', bytes);
    this.put('manifest', keys.manifest(wantedManifest({ bundle: sha256, ...changed })));
    return sha256;
  }

  /** A bundle whose agent says what it was asked, and `health`, and ends with this. */
  releaseAgent(code: number, changed: Partial<Manifest> = {}, more = '', keys = this.keys): string {
    const told = `${JSON.stringify(this.at('calls'))}, process.argv.slice(2, 4).join(' ') + '\\n'`;
    const kept = `const a=process.argv;require('fs').copyFileSync(a[a.indexOf('--unseal')+1], ${JSON.stringify(this.at('given'))})`;
    const said = code === 0 ? `console.log('health good')` : `console.error('dwcp-agent: ${more}')`;
    const text = `require('fs').appendFileSync(${told});${kept};${said};process.exitCode=${code}//${more}`;
    return this.release({ 'dwcp-agent.cjs': text }, changed, keys);
  }

  fetch(): { readonly status: number | null; readonly stderr: string } {
    const env = { ...process.env, PATH: `${this.at('bin')}:${process.env.PATH}` };
    return spawnSync('bash', [this.program], { env, encoding: 'utf8' });
  }

  /** What AWS (secrets alone), systemd and the agent were asked since the last look. */
  calls(): string[] {
    const file = this.at('calls');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    rmSync(file, { force: true });
    return lines;
  }

  /** The report that its bucket holds, by field; without its time. */
  report(): Record<string, string> {
    const text = readFileSync(this.at('s3/own/reports/dublin-1'), 'utf8');
    const fields = text.trimEnd().split('\n');
    return Object.fromEntries(
      fields
        .map((line) => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)])
        .filter(([name]) => name !== 'at'),
    ) as Record<string, string>;
  }

  at(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private script(name: string, text: string, folder = this.at('bin')): void {
    writeFileSync(path.join(folder, name), `${text}\n`);
    chmodSync(path.join(folder, name), 0o755);
  }
}

export function wantedManifest(changed: Partial<Manifest>): Omit<Manifest, 'network' | 'chain'> {
  return {
    gateway: 'dublin/1',
    bundle: '0'.repeat(64),
    generation: 7,
    secretEpoch: 5,
    validity: { notBefore: 0, latest: 0 },
    canary: null,
    ...changed,
  };
}

/** S3 keeps to the owner that is expected: a bucket of another account has it in a file `.owner`. */
function fakeAws(root: string): string {
  return `#!/bin/bash
all="$*"
option() { sed -n "s/.*--$1 \\([^ ]*\\).*/\\1/p" <<<"$all"; }
case "$1 $2" in
  's3api '*)
    owner=$(cat "${root}/s3/$(option bucket)/.owner" 2>/dev/null || echo ${account})
    [ "$(option expected-bucket-owner)" = "$owner" ] || { echo AccessDenied >&2; exit 254; }
    object="${root}/s3/$(option bucket)/$(option key)" last=$(option range) ;;
esac
case "$1 $2" in
  's3api get-object')
    for to; do :; done
    head -c "$(( \${last##*-} + 1 ))" "$object" >"$to" ;;
  's3api put-object') cp "$(option body)" "$object" ;;
  secretsmanager*) echo secret >>${root}/calls; cat "${root}/$(option version-stage)" ;;
esac`;
}
