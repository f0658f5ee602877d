import { domainOf } from '../aws/cloud-source';
import { closeConnections, sendCall, type HttpAnswer, type SendCall } from '../aws/http-call';
import { instanceMetadata } from '../aws/instance-metadata';
import { faultOf, signedCall, type SignedService } from '../aws/signed-call';
import type { JournalLine } from './journal-line';

/** Where lines go, and who takes them. */
export interface LogStream {
  /**
   * Sends lines in the order of time.
   *
   * @returns how many were refused for good: they are too old, or AWS takes none of the call.
   * @throws Error if nobody took them now.
   */
  send(lines: readonly JournalLine[]): Promise<number>;
  /** Ends what is open. */
  close(): void;
}

export interface CloudwatchOptions {
  /** AWS region code. */
  readonly region: string;
  readonly group: string;
  readonly stream: string;
  /** A stand-in for the service; absent: AWS. */
  readonly endpoint?: string;
  /** A stand-in for the instance's metadata; absent: `endpoint`, or the instance's own. */
  readonly metadataEndpoint?: string;
  readonly send?: SendCall;
}

/** A stream of CloudWatch Logs, made where it is not there. The group is the deployment's. */
export function cloudwatchStream(options: CloudwatchOptions): LogStream {
  const { region, group, stream, endpoint, send = sendCall } = options;
  const metadataAt = options.metadataEndpoint ?? endpoint ?? 'http://169.254.169.254';
  const of: SignedService = {
    service: 'logs',
    region,
    metadata: instanceMetadata(metadataAt, send, () => Date.now()),
    send,
    random: Math.random,
  };
  const url = new URL(endpoint ?? `https://logs.${region}.${domainOf(region)}/`);
  const ask = (action: string, body: object): Promise<HttpAnswer> => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${action}`,
    };
    return signedCall(of, { method: 'POST', url, headers, body: JSON.stringify(body) });
  };
  const names = { logGroupName: group, logStreamName: stream };
  const put = (lines: readonly JournalLine[]) => {
    const logEvents = lines.map(({ atUtcMs, text }) => ({ timestamp: atUtcMs, message: text }));
    return ask('PutLogEvents', { ...names, logEvents });
  };
  return {
    async send(lines) {
      let answer = await put(lines);
      if (answer.status === 400 && /ResourceNotFoundException/.test(answer.body)) {
        const made = await ask('CreateLogStream', names);
        const is = made.status === 200 || /ResourceAlreadyExistsException/.test(made.body);
        if (!is) throw new Error(`CreateLogStream: ${faultOf(made)}`);
        answer = await put(lines);
      }
      if (answer.status === 200) return refusedOf(answer.body, lines.length);
      // What AWS does not understand of a call it does not understand later.
      if (answer.status === 400 && /InvalidParameterException/.test(answer.body)) return lines.length;
      throw new Error(`PutLogEvents: ${faultOf(answer)}`);
    },
    close: closeConnections,
  };
}

/** Events at both ends of a call may be outside of what AWS keeps; those between are taken. */
function refusedOf(body: string, count: number): number {
  const raw = JSON.parse(body === '' ? '{}' : body) as {
    rejectedLogEventsInfo?: Readonly<Record<string, unknown>>;
  };
  const { tooOldLogEventEndIndex, expiredLogEventEndIndex, tooNewLogEventStartIndex } =
    raw.rejectedLogEventsInfo ?? {};
  // An end index is that of the last one refused.
  const old = [tooOldLogEventEndIndex, expiredLogEventEndIndex].map((index) =>
    typeof index === 'number' ? index + 1 : 0,
  );
  const late = typeof tooNewLogEventStartIndex === 'number' ? count - tooNewLogEventStartIndex : 0;
  return Math.min(count, Math.max(...old) + late);
}
