import { readLease, type LeaseStore } from '../lease';
import type { HttpAnswer } from '../../aws/http-call';
import { faultOf, signedCall, type SignedService } from '../../aws/signed-call';

/** A lease as an object of S3, by conditional writes (`If-None-Match`, `If-Match`). */
export function s3Lease(of: SignedService, url: URL, account: string): LeaseStore {
  const owner = { 'x-amz-expected-bucket-owner': account };
  let refused = false;
  return {
    async read() {
      const answer = await signedCall(of, { method: 'GET', url, headers: owner });
      refused = answer.status === 403;
      if (isMissing(answer)) return { lease: null, etag: null, ageMs: Infinity };
      if (answer.status !== 200) throw new Error(`the lease cannot be read: ${faultOf(answer)}`);
      return { lease: readLease(answer.body), etag: etagOf(answer), ageMs: ageOf(answer) };
    },
    async write(lease, expected) {
      const [condition, value] = expected === null ? ['if-none-match', '*'] : ['if-match', expected];
      const headers = { ...owner, [condition]: value, 'content-type': 'application/json' };
      const body = `${JSON.stringify(lease)}\n`;
      // Once: had the first try been written, a second would find its own and take it for another's.
      const answer = await signedCall(of, { method: 'PUT', url, headers, body }, true);
      if (answer.status === 412 && expected === null && refused)
        throw new Error('the lease is there, and may not be read');
      // Written since, being written at the same time, or gone.
      const gone = answer.status === 404 && isMissing(answer);
      if (answer.status === 412 || answer.status === 409 || gone) return null;
      if (answer.status !== 200) throw new Error(`the lease cannot be written: ${faultOf(answer)}`);
      return etagOf(answer);
    },
  };
}

/** Text of an object; null: there is none, or it may not be read. */
export async function readObject(of: SignedService, url: URL, account: string): Promise<string | null> {
  const headers = { 'x-amz-expected-bucket-owner': account };
  const answer = await signedCall(of, { method: 'GET', url, headers });
  if (isMissing(answer)) return null;
  if (answer.status !== 200) throw new Error(`${url.pathname} cannot be read: ${faultOf(answer)}`);
  return answer.body;
}

/** Whoever may not list a bucket is refused an object that is not there. A missing bucket is a fault. */
function isMissing(answer: HttpAnswer): boolean {
  return answer.status === 403 || (answer.status === 404 && faultOf(answer).startsWith('NoSuchKey'));
}

function etagOf({ headers }: HttpAnswer): string {
  if (headers.etag === undefined) throw new Error('S3 gave no ETag');
  return headers.etag;
}

/** By S3's own clock, in whole seconds. */
function ageOf({ headers }: HttpAnswer): number {
  const [now, then] = [headers.date, headers['last-modified']].map((text) => Date.parse(text ?? ''));
  return Number.isFinite(now - then) ? Math.max(0, now - then) : Infinity;
}
