import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** S3 and Secrets Manager of a test. */
export interface Cloud {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** For `AWS_EC2_METADATA_SERVICE_ENDPOINT`. */
  readonly metadataUrl: string;
  put(bucket: string, key: string, body: Uint8Array | string): Promise<void>;
  /** Lets everybody read an object. */
  publish(bucket: string, key: string): Promise<void>;
  /** An object's text; null: it is not there. */
  get(bucket: string, key: string): Promise<string | null>;
  /** Gives a bucket to another account; null: back to ours. */
  own(bucket: string, owner: string | null): Promise<void>;
  /** A secret, or a new version of it, which leaves the one before as AWSPREVIOUS; null takes it away. */
  secret(region: string, name: string, value: string | null): Promise<void>;
  /** Makes a group of CloudWatch Logs. */
  logGroup(region: string, group: string): Promise<void>;
  /** Messages of a log stream; none while it is not there. */
  logs(region: string, group: string, stream: string): Promise<string[]>;
  /** Bytes of an answer after which its connection ends; 0: nobody answers; null: all is well. */
  limit(bytes: number | null): Promise<void>;
  close(): void;
}

const port = 5000;

/** Starts moto (`cloud.py`) in a network namespace, on an address of it. */
export async function startCloud(python: string, ns: string, address: string): Promise<Cloud> {
  const program = path.join(__dirname, 'cloud.py');
  const child: ChildProcess = spawn('ip', ['netns', 'exec', ns, python, program, address, String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr!.on('data', (text: Buffer) => (said = `${said}${text.toString()}`.slice(-4000)));
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => waiting.shift()?.resolve(line));
  child.once('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`cloud.py ended: ${said}`));
  });
  const answer = () => new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }));
  const ask = async <T = void>(command: object) => {
    const done = answer();
    child.stdin!.write(`${JSON.stringify(command)}\n`);
    return JSON.parse(await done) as T;
  };
  await answer();
  return {
    url: `http://${address}:${port}`,
    metadataUrl: `http://${address}:${port + 1}/`,
    put: (bucket, key, body) =>
      ask({ do: 'put', bucket, key, base64_body: Buffer.from(body).toString('base64') }),
    publish: (bucket, key) => ask({ do: 'publish', bucket, key }),
    get: (bucket, key) => ask({ do: 'get', bucket, key }),
    own: (bucket, owner) => ask({ do: 'own', bucket, owner }),
    secret: (region, name, value) => ask({ do: 'secret', region, name, value }),
    logGroup: (region, group) => ask({ do: 'log_group', region, group }),
    logs: (region, group, stream) => ask({ do: 'logs', region, group, stream }),
    limit: (bytes) => ask({ do: 'limit', bytes }),
    close: () => child.kill('SIGKILL'),
  };
}
