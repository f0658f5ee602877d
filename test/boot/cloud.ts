import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** S3 and Secrets Manager of a test. */
export interface Cloud {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  put(bucket: string, key: string, body: Uint8Array | string): Promise<void>;
  /** Makes a secret; null takes it away. */
  secret(region: string, name: string, value: string | null): Promise<void>;
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
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout! }).on('line', () => waiting.shift()?.resolve());
  child.once('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`cloud.py ended: ${said}`));
  });
  const answer = () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
  const ask = (command: object) => {
    const done = answer();
    child.stdin!.write(`${JSON.stringify(command)}\n`);
    return done;
  };
  await answer();
  return {
    url: `http://${address}:${port}`,
    put: (bucket, key, body) =>
      ask({ do: 'put', bucket, key, base64_body: Buffer.from(body).toString('base64') }),
    secret: (region, name, value) => ask({ do: 'secret', region, name, value }),
    limit: (bytes) => ask({ do: 'limit', bytes }),
    close: () => child.kill('SIGKILL'),
  };
}
