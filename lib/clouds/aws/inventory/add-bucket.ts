import { journalGroup } from '../../../gateway/bucket-places';
import { bucketName } from '../names';
import type { InventoryScope } from './inventory-scope';

/** @returns the id of the group that journals go to; null: there is none. */
export function addJournalGroup({ plan, region, add, tags }: InventoryScope): string | null {
  const { logs } = plan.operations ?? {};
  if (!logs) return null;
  return add('aws_cloudwatch_log_group', 'journal-group', {
    name: journalGroup(plan, region),
    retention_in_days: logs.retentionDays,
    tags: tags('journal'),
  });
}

/** @returns the bucket's id. */
export function addBucket({ plan, region, add, tags }: InventoryScope): string {
  const name = bucketName(plan, region, '<account>');
  const bucket = add('aws_s3_bucket', 'bucket', { bucket: name, tags: tags('bucket') });
  add('aws_s3_bucket_policy', 'bucket-policy', {}, { bucket, policy: bucket });
  add('aws_s3_bucket_public_access_block', 'bucket-access', {}, { bucket });
  add('aws_s3_bucket_server_side_encryption_configuration', 'bucket-encryption', {}, { bucket });
  add('aws_s3_bucket_versioning', 'bucket-versioning', {}, { bucket });
  add('aws_s3_bucket_lifecycle_configuration', 'bucket-lifecycle', {}, { bucket });
  return bucket;
}
