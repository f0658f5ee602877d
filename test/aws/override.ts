/** A stack as synthesized. */
export interface WholeStack {
  readonly provider: { readonly aws: readonly { readonly alias?: string }[] };
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

/**
 * Terraform's override file for what the stand-in, not AWS, needs: the provider in the mirror; buckets by
 * path; a bucket's policy without its Deny, since the stand-in ignores that it is for plain HTTP alone; and
 * no tags on buckets, since S3 Control does not show them there.
 *
 * @param version of the provider in the mirror; the bindings pin an older one.
 */
export function overrideFor(whole: WholeStack, version: string): object {
  const overridden = (type: string, by: (resource: Readonly<Record<string, unknown>>) => object) =>
    Object.fromEntries(Object.entries(whole.resource?.[type] ?? {}).map(([id, r]) => [id, by(r)]));
  const aws = whole.provider.aws.map(({ alias }) => ({
    ...(alias !== undefined && { alias }),
    s3_use_path_style: true,
    skip_credentials_validation: true,
    skip_metadata_api_check: 'true',
  }));
  const resource = Object.fromEntries(
    Object.entries({
      aws_s3_bucket: overridden('aws_s3_bucket', () => ({ tags: {} })),
      aws_s3_bucket_policy: overridden('aws_s3_bucket_policy', ({ policy }) => ({
        policy: String(policy).replaceAll('"Effect":"Deny"', '"Effect":"Allow"'),
      })),
    }).filter(([, byId]) => Object.keys(byId).length > 0),
  );
  return {
    terraform: { required_providers: { aws: { source: 'aws', version } } },
    provider: { aws },
    ...(Object.keys(resource).length > 0 && { resource }),
  };
}
