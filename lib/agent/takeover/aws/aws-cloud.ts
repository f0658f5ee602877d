import { readFileSync } from 'node:fs';
import { routeTablesName } from '../../../emit/route-tables';
import type { Cloud } from '../cloud';
import { ec2RouteTables } from './ec2-route-tables';
import { closeConnections, sendCall, type SendCall } from './http-call';
import { instanceMetadata } from './instance-metadata';
import { readObject, s3Lease } from './s3-lease';
import type { SignedService } from './signed-call';

/** Where a gateway's objects lie, as its bootstrap wrote it to `/etc/dwcp/source`. */
export interface CloudSource {
  /** AWS region code. */
  readonly region: string;
  readonly bucket: string;
  /** Account that owns the bucket. */
  readonly account: string;
  /** The gateway's folder in the bucket. */
  readonly folder: string;
}

/**
 * @returns undefined where there is no such file: the gateway stands in no cloud.
 * @throws Error if it lacks a line.
 */
export function tryReadSource(file: string): CloudSource | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const line = (name: string) => {
    const found = new RegExp(`^${name}=(.+)$`, 'm').exec(text)?.[1];
    if (found === undefined) throw new Error(`${file} has no line ${name}`);
    return found;
  };
  return {
    region: line('AWS_DEFAULT_REGION'),
    bucket: line('BUCKET'),
    account: line('ACCOUNT'),
    folder: line('FOLDER'),
  };
}

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
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
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
