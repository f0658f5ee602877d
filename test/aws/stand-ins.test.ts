import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { skipped } from '../net/skipped';
import { putStandIns } from '../support/stand-ins';
import { hasTerraform } from '../support/terraform';
import { initialize, live } from './life-of-a-network';
import { deployed, existing, six, someVpc, two } from './networks';

describe('with terraform_data in the place of every AWS resource', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'dwcp-stand-ins-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const cases: [string, NetworkDescription, boolean][] = [
    ['two regions are', two, false],
    ['the six-region example is', six, false],
    ['six regions with a stack each are', six, true],
    ['two regions in VPCs of yours are', existing(someVpc('a'), someVpc('b')), false],
  ];
  it.each(cases)(
    '%s applied by Terraform, changed without a replacement, and destroyed',
    async (...one) => {
      if (!hasTerraform()) return skipped('no terraform');
      const [name, description, perRegion] = one;
      const own = path.join(folder, name.replaceAll(' ', '-'));
      const network = await deployed(own, description, perRegion);
      const env = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', TF_CLI_CONFIG_FILE: '' };
      const place = { folder: own, env, prepare: putStandIns };
      expect(await initialize(network, place)).toBeUndefined();
      await live(network, place);
    },
    300_000,
  );
});
