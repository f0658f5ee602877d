import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SsmAgent } from '../../model';
import { runProcess } from '../apply/linux/run-process';
import { domainOf, tryReadSource } from '../aws/cloud-source';
import { gatewaySchema } from '../../gateway/shape';
import { print, printError } from '../files/print';
import { replaceFile } from '../files/replace-file';
import { tryReadLine } from '../files/state-file';

export interface SsmAgentOptions {
  /** Folder of the unpacked bundle. */
  readonly bundle: string;
  /** What the bootstrap wrote: it names the cloud's region. */
  readonly source: string;
  /** Folder of what is kept: which package was installed, and why none was. */
  readonly ssmDir: string;
  /** How systemctl(1) and dpkg(1) are called; default by their names. */
  readonly systemctl?: string;
  readonly dpkg?: readonly string[];
}

/** Why it is not installed: written for `dwcp-agent doctor`, gone when it is. */
const faultFile = 'fault';
/** SHA-256 of the package that was installed last. */
const doneFile = 'installed';
const packageName = 'amazon-ssm-agent';
/** AWS's package has some 30 MB. */
const mostBytes = 256 * 2 ** 20;
const silentMs = 60_000;

/** Another package than the plan names; to try again is of no use. */
class WrongPackage extends Error {}

/**
 * `dwcp-agent ssm-agent`: installs the package that the plan names, and nothing else. It is fetched into a
 * folder of root's, and dpkg sees it only if its SHA-256 is the one in the plan. It is installed once: the
 * SSM agent brings itself up to date where AWS is told to, and another package in the plan is installed over
 * it.
 *
 * @returns 0 it is there, or the plan names none; 1 not now; 2 it is another package.
 */
export async function installSsmAgent(options: SsmAgentOptions): Promise<number> {
  const { bundle, ssmDir } = options;
  const text = readFileSync(path.join(bundle, 'gateway.json'), 'utf8');
  const pin = gatewaySchema.parse(JSON.parse(text)).operations?.ssmAgent;
  if (!pin) return 0;
  mkdirSync(ssmDir, { recursive: true, mode: 0o700 });
  try {
    const said = await install(pin, options);
    rmSync(path.join(ssmDir, faultFile), { force: true });
    if (said !== null) print(said);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    printError(`dwcp-agent: the SSM agent is not installed: ${message}`);
    replaceFile(path.join(ssmDir, faultFile), `${message}\n`);
    return error instanceof WrongPackage ? 2 : 1;
  } finally {
    rmSync(path.join(ssmDir, 'package.deb'), { force: true });
  }
}

/** What the last run failed for; null: it did not. */
export function readSsmFault(ssmDir: string): string | null {
  return tryReadLine(path.join(ssmDir, faultFile));
}

/** @returns what was done; null: nothing. */
async function install(pin: SsmAgent, options: SsmAgentOptions): Promise<string | null> {
  const { ssmDir, dpkg = ['dpkg'], systemctl = 'systemctl' } = options;
  const arch = (await output([...dpkg, '--print-architecture'])).trim();
  const wanted = Object.entries(pin.sha256).find(([name]) => name === arch)?.[1];
  if (wanted === undefined) throw new WrongPackage(`the plan names none for ${arch}`);
  const done = path.join(ssmDir, doneFile);
  if (tryReadLine(done) === wanted && (await runProcess([...dpkg, '--status', packageName])).code === 0)
    return null;
  const file = path.join(ssmDir, 'package.deb');
  const url = packageUrl(pin, arch, tryReadSource(options.source)?.region);
  const found = await download(url, file);
  if (found !== wanted)
    throw new WrongPackage(`the package at ${url.href} has SHA-256 ${found}, not ${wanted} as in the plan`);
  const name = (await output(['dpkg-deb', '--field', file, 'Package'])).trim();
  if (name !== packageName) throw new WrongPackage(`the plan names package ${name}, not ${packageName}`);
  // Whatever was changed in its settings stays.
  await output([...dpkg, '--force-confold', '--install', file]);
  await output([systemctl, 'enable', '--quiet', '--now', `${packageName}.service`]);
  replaceFile(done, `${wanted}\n`);
  return `installed the SSM agent ${pin.version}`;
}

/** In AWS's bucket of the region, unless the plan says where. */
function packageUrl({ version, url }: SsmAgent, arch: string, region: string | undefined): URL {
  const s3 = `https://s3.{region}.${domainOf(region ?? '')}`;
  const text = url ?? `${s3}/amazon-ssm-{region}/{version}/debian_{arch}/${packageName}.deb`;
  const places: Readonly<Record<string, string | undefined>> = { region, version, arch };
  return new URL(
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = places[name];
      if (value === undefined) throw new Error(`nothing here says which ${name} this is`);
      return value;
    }),
  );
}

/** Fetches into a file. @returns SHA-256 of what came. */
async function download(url: URL, file: string): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(part: Buffer, _, done) {
      bytes += part.length;
      hash.update(part);
      done(bytes > mostBytes ? new WrongPackage(`it has more than ${mostBytes} bytes`) : null, part);
    },
  });
  await pipeline(await get(url), count, createWriteStream(file, { mode: 0o600 }));
  return hash.digest('hex');
}

/** The body of an answer. @throws Error if there is none within a minute, or it says another status. */
function get(url: URL): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const call = url.protocol === 'https:' ? https : http;
    const request = call.get(url, { timeout: silentMs }, (response) => {
      if (response.statusCode === 200) return resolve(response);
      request.destroy();
      reject(new Error(`${url.href}: status ${response.statusCode}`));
    });
    request.on('timeout', () => request.destroy(new Error(`${url.host}: no answer in ${silentMs / 1000} s`)));
    request.on('error', reject);
  });
}

/** @throws Error with what it said, if its exit code is not 0. */
async function output(command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProcess(command);
  if (code === 0) return stdout;
  const last = stderr.trim().split('\n').at(-1);
  throw new Error(`${command.slice(0, 2).join(' ')}: ${last === '' ? `exit code ${code}` : last}`);
}
