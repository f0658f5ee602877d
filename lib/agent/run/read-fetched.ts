import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { FetchView } from '../api';

const results: readonly FetchView['result'][] = ['installed', 'refused', 'failed', 'waiting'];
const healths: readonly FetchView['health'][] = ['good', 'bad', 'unknown'];

/**
 * What the fetcher says of its last attempt, and until when what is installed may be installed anew: from its
 * report (`dwcp-report 1`) and the installed manifest, both text by lines.
 *
 * @param fetchDir the fetcher's folder.
 * @param bundle folder of the installed bundle.
 * @returns null where no fetcher runs (the lab), or what it wrote cannot be read.
 */
export function readFetched(fetchDir: string, bundle: string): FetchView | null {
  const report = fields(path.join(fetchDir, 'report'));
  const result = results.find((word) => word === report.get('result'));
  const health = healths.find((word) => word === report.get('health'));
  const at = Number(report.get('at'));
  if (!result || !health || !(at > 0)) return null;
  const latest = Number(fields(path.join(bundle, 'manifest')).get('latest'));
  return {
    result,
    health,
    atUtcMs: at * 1000,
    reason: report.get('reason') ?? '',
    latestUtcMs: latest > 0 ? latest * 1000 : null,
  };
}

/**
 * When the fetcher last got a manifest that it could verify, ms since 1970: it writes down the signing key
 * each time. null: never, or no fetcher runs.
 */
export function lastFetchUtcMs(fetchDir: string): number | null {
  return statSync(path.join(fetchDir, 'key'), { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** The first line of each name; none where the file cannot be read. */
function fields(file: string): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return new Map();
  }
  const lines = text.split('\n').map((line): [string, string] => {
    const at = line.indexOf(' ');
    return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
  });
  return new Map(lines.reverse());
}
