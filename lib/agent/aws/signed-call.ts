import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpAnswer, HttpCall, SendCall } from './http-call';
import type { InstanceMetadata } from './instance-metadata';

/** SHA-256 as the signer wants it, by Node's own. */
class Sha256 {
  private hash: Hash | Hmac;

  constructor(private readonly secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = this.begin();
  }

  update(data: Uint8Array): void {
    this.hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.hash.digest()));
  }

  reset(): void {
    this.hash = this.begin();
  }

  private begin(): Hash | Hmac {
    const { secret } = this;
    if (secret === undefined) return createHash('sha256');
    if (typeof secret === 'string') return createHmac('sha256', secret);
    const bytes = ArrayBuffer.isView(secret)
      ? Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength)
      : Buffer.from(secret);
    return createHmac('sha256', bytes);
  }
}

/** An AWS service that is asked in one region. */
export interface SignedService {
  readonly service: 'ec2' | 'logs' | 's3';
  readonly region: string;
  readonly metadata: InstanceMetadata;
  readonly send: SendCall;
  /** Random numbers from 0 to 1: retries of many must not come in step. */
  readonly random: () => number;
}

/** What a call may take with everything, what one try of it may, and the first wait between two. */
const totalMs = 2500;
const tryMs = 1000;
const firstWaitMs = 50;
const mostTries = 3;

/**
 * Signs a call with the role's credentials (Signature Version 4) and sends it. Tried again where there is no
 * answer, or one that says that the service has a bad moment (429, 5xx), unless `once`.
 *
 * @param once for what must not be done twice.
 * @throws Error in words if there is no answer in time.
 */
export async function signedCall(of: SignedService, call: HttpCall, once = false): Promise<HttpAnswer> {
  const endMs = performance.now() + totalMs;
  for (let tries = 1; ; tries++) {
    const leftMs = endMs - performance.now();
    const last = once || tries >= mostTries;
    try {
      const answer = await signAndSend(of, call, Math.min(once ? totalMs : tryMs, leftMs));
      if (last || (answer.status < 500 && answer.status !== 429)) return answer;
    } catch (error) {
      if (last) throw error;
    }
    const waitMs = firstWaitMs * 2 ** (tries - 1) * (0.5 + of.random());
    if (performance.now() + waitMs >= endMs) throw new Error(`${call.url.host}: no answer in ${totalMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

async function signAndSend(of: SignedService, call: HttpCall, deadlineMs: number): Promise<HttpAnswer> {
  const { service, region, metadata, send } = of;
  const credentials = await metadata.credentials();
  const signer = new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    // S3 alone signs paths as they are.
    uriEscapePath: service !== 's3',
    applyChecksum: true,
  });
  const { url } = call;
  const signed = await signer.sign({
    method: call.method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...call.headers },
    body: call.body ?? '',
  });
  return send({ ...call, headers: signed.headers }, Math.max(1, deadlineMs));
}

/** What a service says of itself in its answer's code and message, in XML or JSON, or the status. */
export function faultOf({ status, body }: HttpAnswer): string {
  const text = (tag: string, key: string) =>
    (new RegExp(`<${tag}>([^<]{1,300})</${tag}>`).exec(body) ??
      new RegExp(`"${key}" *: *"(?:[^"#]*#)?([^"]{1,300})"`).exec(body))?.[1];
  const words = [text('Code', '__type'), text('Message', '[mM]essage')].filter((word) => word !== undefined);
  return words.length > 0 ? words.join(': ') : `status ${status}`;
}
