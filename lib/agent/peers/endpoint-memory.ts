import { forgetStateFile, readStateFile, writeStateFile } from '../files/state-file';
import { mostGood } from './endpoint-choice';

const fileName = 'endpoints-good.json';
/** `192.0.2.1:51820`, `[2001:db8::1]:51820`, as wg(8) shows them. */
const endpointShape = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]{2,45}(?:%[a-z0-9-]{1,15})?\]):\d{1,5}$/;

/** Endpoints from which authentic packets came, by tunnel identity, newest first. */
export type GoodEndpoints = ReadonlyMap<string, readonly string[]>;

/** What an earlier run remembered; nothing where the file is missing or damaged. */
export function readGoodEndpoints(stateDir: string): GoodEndpoints {
  const kept = readStateFile(stateDir, fileName, (raw) => {
    const entries = Object.entries(raw as Record<string, unknown>);
    return new Map(
      entries.flatMap(([tunnel, list]): [string, string[]][] => {
        if (!Array.isArray(list)) return [];
        const good = list.filter((item) => typeof item === 'string' && endpointShape.test(item)) as string[];
        return good.length === 0 ? [] : [[tunnel, good.slice(0, mostGood)]];
      }),
    );
  });
  return kept ?? new Map<string, readonly string[]>();
}

/** Whole or not at all. */
export function writeGoodEndpoints(stateDir: string, good: GoodEndpoints): void {
  const sorted = [...good].sort(([a], [b]) => (a < b ? -1 : 1));
  writeStateFile(stateDir, fileName, Object.fromEntries(sorted));
}

/** After `down`: the host belongs to no network. */
export function forgetGoodEndpoints(stateDir: string): void {
  forgetStateFile(stateDir, fileName);
}
