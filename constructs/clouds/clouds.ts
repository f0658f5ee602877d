import type { CloudName } from '../../lib/catalog';
import { awsConstructs } from './aws/aws-constructs';
import type { CloudConstructs } from './cloud';

const constructs = { aws: awsConstructs } satisfies Readonly<Record<CloudName, CloudConstructs>>;

/** How the resources of a cloud are made. */
export function cloudConstructs(name: CloudName): CloudConstructs {
  return constructs[name];
}
