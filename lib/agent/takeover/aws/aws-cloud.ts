import { routeTablesName } from '../../../gateway/route-tables';
import type { Cloud } from '../cloud';
import { ec2RouteTables } from './ec2-route-tables';
import { domainOf, type CloudSource } from '../../aws/cloud-source';
import { closeConnections, sendCall, type SendCall } from '../../aws/http-call';
import { instanceMetadata } from '../../aws/instance-metadata';
import { readObject, s3Lease } from './s3-lease';
import type { SignedService } from '../../aws/signed-call';

export interface AwsOptions {
  readonly source: CloudSource;
  /** Key of the lease in the bucket (`leaseKey`). */
  readonly lease: string;
  /** A stand-in that answers for EC2, S3 and the instance's metadata; absent: AWS. */
  readonly endpoint?: string;
  readonly random?: () => number;
  /** Of the instance's metadata, if it is another. */
  readonly metadataEndpoint?: string;
  readonly send?: SendCall;
}

/** AWS, asked with the role of this instance. */
export function awsCloud(options: AwsOptions): Cloud {
  const { source, lease, endpoint, random = Math.random, send = sendCall } = options;
  const { region, bucket, account, folder } = source;
  const metadataAt = options.metadataEndpoint ?? endpoint ?? 'http://169.254.169.254';
  const metadata = instanceMetadata(metadataAt, send, () => Date.now());
  const service = (name: SignedService['service']): SignedService => {
    return { service: name, region, metadata, send, random };
  };
  const suffix = domainOf(region);
  const object = (key: string) =>
    new URL(endpoint ? `${endpoint}/${bucket}/${key}` : `https://${bucket}.s3.${region}.${suffix}/${key}`);
  const s3 = service('s3');
  return {
    tables: ec2RouteTables(service('ec2'), new URL(endpoint ?? `https://ec2.${region}.${suffix}/`)),
    lease: s3Lease(s3, object(lease), account),
    deployed: () => readObject(s3, object(`${folder}/${routeTablesName}`), account),
    ownInterface: () => metadata.interfaceId(),
    close: closeConnections,
  };
}
