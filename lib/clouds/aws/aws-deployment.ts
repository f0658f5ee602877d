import { gatewayFolder } from '../../gateway/bucket-places';
import type { CloudDeployment } from '../deployment';
import { regionFolder } from '../region-folder';
import { awsArguments } from './arguments';
import { checkDeployable } from './deployable';
import { awsResources } from './inventory/aws-resources';

/** How plans are deployed to AWS. */
export const awsDeployment: CloudDeployment = {
  resources: awsResources,
  addressResource: (region, gateway) => `aws_eip ${regionFolder(region)}/${gatewayFolder(gateway)}/eip`,
  arguments: awsArguments,
  checkDeployable,
};
