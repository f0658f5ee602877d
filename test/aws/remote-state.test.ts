import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, DataResource, S3Backend, TerraformOutput, TerraformStack } from 'cdktf';
import { skipped } from '../net/skipped';
import { motoHint, motoProgram, signed, startMoto, type Moto } from '../support/moto';
import { hasTerraform, terraform } from '../support/terraform';

const bucket = 'dwcp-state';

/** A stack whose one resource waits for the file `go` when it is made, and a stack that reads it. */
function synth(outdir: string, value: string): void {
  const app = new App({ outdir });
  const [kept, reader] = ['kept', 'reader'].map((id) => {
    const stack = new TerraformStack(app, id);
    const backend = new S3Backend(stack, {
      bucket,
      key: `${id}.tfstate`,
      region: 'us-east-1',
      encrypt: true,
      usePathStyle: true,
    });
    backend.addOverride('use_lockfile', true);
    return stack;
  });
  const data = new DataResource(kept, 'value', {
    input: { value },
    triggersReplace: { value },
    provisioners: [{ type: 'local-exec', command: 'until [ -f go ]; do sleep 0.1; done' }],
  });
  new TerraformOutput(reader, 'read', {
    value: data.output.lookup('value'),
    sensitive: true,
    staticId: true,
  });
  app.synth();
}

describe('state in S3 with a lock file', () => {
  const program = motoProgram();
  const missing = !hasTerraform() ? 'no terraform' : program ? undefined : `no moto: ${motoHint}`;
  let moto: Moto;
  let folder: string;
  beforeAll(async () => {
    if (missing) return;
    folder = mkdtempSync(path.join(tmpdir(), 'dwcp-state-'));
    moto = await startMoto(program!, folder);
  });
  afterAll(async () => {
    if (missing) return;
    await moto.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const headers = { authorization: signed('us-east-1', 's3') };
  const stored = async (key: string) => {
    const answer = await fetch(`${moto.endpoint}/${bucket}/${key}`, { headers });
    return answer.ok ? answer.text() : undefined;
  };
  const apply = (at: string) => terraform(at, moto.env, 'apply', '-auto-approve', '-input=false');

  it('is written, locked against a second apply, released, and read by another stack', async () => {
    if (missing) return skipped(missing);
    await fetch(`${moto.endpoint}/${bucket}`, { method: 'PUT', headers });
    synth(folder, 'first');
    const [kept, reader] = ['kept', 'reader'].map((id) => path.join(folder, 'stacks', id));
    const go = path.join(kept, 'go');
    writeFileSync(go, '');
    const init = await terraform(kept, moto.env, 'init', '-input=false');
    expect([init.status, init.text]).toEqual([0, expect.stringContaining('successfully initialized')]);
    expect((await apply(kept)).text).toContain('1 added');
    expect(await stored('kept.tfstate')).toContain('"value": "first"');
    expect(existsSync(path.join(kept, 'terraform.tfstate'))).toBe(false);

    rmSync(go);
    synth(folder, 'second');
    const first = apply(kept);
    for (let tries = 0; !(await stored('kept.tfstate.tflock')) && tries < 300; tries++) await sleep(100);
    const second = await apply(kept);
    expect(second.status).toBe(1);
    expect(second.text).toMatch(/Error acquiring the state lock.*PreconditionFailed/);
    expect(second.text).toMatch(/Path: dwcp-state\/kept\.tfstate/);
    writeFileSync(go, '');
    expect((await first).status).toBe(0);
    expect(await stored('kept.tfstate.tflock')).toBeUndefined();
    expect((await apply(kept)).text).toContain('No changes');

    expect((await terraform(reader, moto.env, 'init', '-input=false')).status).toBe(0);
    expect((await apply(reader)).status).toBe(0);
    expect((await terraform(reader, moto.env, 'output', '-json')).text).toContain('"value": "second"');
  }, 180_000);
});
