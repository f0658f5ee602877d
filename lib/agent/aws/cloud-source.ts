import { readFileSync } from 'node:fs';

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

/** What addresses of AWS's services in a region end in. */
export function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}
