import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** How to get what the tests against a stand-in of AWS need. */
export const motoHint =
  "python3 -m venv moto && moto/bin/pip install 'moto[server]', then DWCP_MOTO_SERVER=moto/bin/moto_server";

/** A stand-in of AWS on loopback. */
export interface Moto {
  readonly endpoint: string;
  /** For programs that are to take it for AWS. */
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/**
 * The server's program: `DWCP_MOTO_SERVER`, the one that `.ci/run` installs, or `moto_server` on the path;
 * undefined: there is none.
 */
export function motoProgram(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  const installed = path.join(cache, 'dwcp-multiregion', 'moto', 'bin', 'moto_server');
  const program = process.env.DWCP_MOTO_SERVER ?? (existsSync(installed) ? installed : 'moto_server');
  return spawnSync(program, ['--help'], { stdio: 'ignore' }).status === 0 ? program : undefined;
}

/** The Python that runs the server's program; of a program that another starts, the one on the path. */
function pythonOf(program: string): string {
  const found = program.includes('/')
    ? program
    : execFileSync('which', [program], { encoding: 'utf8' }).trim();
  const [, interpreter = ''] = /^#!(\S+)/.exec(readFileSync(found, 'utf8')) ?? [];
  return interpreter.includes('python') ? interpreter : 'python3';
}

/**
 * Starts the server on a free port of loopback, with a Debian image of the right owner in every region.
 *
 * @param folder for its list of images.
 * @throws Error if it does not answer within 60 s.
 */
export async function startMoto(program: string, folder: string): Promise<Moto> {
  const images = path.join(folder, 'images.json');
  writeFileSync(images, JSON.stringify([debian]));
  const port = await freePort();
  const mended = path.join(__dirname, '..', 'aws', 'stand-in.py');
  const child = spawn(pythonOf(program), [mended, '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, MOTO_AMIS_PATH: images },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill();
    await ended;
  };
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await answers(endpoint)); tries++) {
    if (child.exitCode !== null || tries > 600) {
      await stop();
      throw new Error(`${program} does not answer on ${endpoint}`);
    }
    await sleep(100);
  }
  return { endpoint, env: awsEnvironment(endpoint), stop };
}

/** One call of EC2's query interface; the XML that comes back. */
export async function ec2(
  moto: Moto,
  region: string,
  action: string,
  parameters: Record<string, string>,
): Promise<string> {
  const answer = await fetch(moto.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: signed(region, 'ec2'),
    },
    body: new URLSearchParams({ Action: action, Version: '2016-11-15', ...parameters }).toString(),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${action} in ${region}: ${text}`);
  return text;
}

/** An `authorization` header as the server takes it: it reads region and service, and checks no signature. */
export function signed(region: string, service: 'ec2' | 'logs' | 's3'): string {
  const credential = `Credential=test/20260101/${region}/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=none`;
}

const debian = {
  ami_id: 'ami-0123456789abcdef0',
  name: 'debian-13-arm64-20260101-1',
  description: 'Debian 13',
  owner_id: '136693071363',
  public: true,
  virtualization_type: 'hvm',
  architecture: 'arm64',
  state: 'available',
  image_type: 'machine',
  hypervisor: 'xen',
  root_device_type: 'ebs',
  root_device_name: '/dev/xvda',
  sriov: 'simple',
};

/** No credentials, profile or settings of this machine. */
function awsEnvironment(endpoint: string): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !/^(AWS|TF)_/.test(name));
  return {
    ...Object.fromEntries(rest),
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
  };
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/moto-api/`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
