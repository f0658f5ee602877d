import { formatPrefix, tryParsePrefix } from '../net';
import { checkPrefix } from './check-addresses';
import type { EdgeDescription, NetworkDescription } from './description';
import { bitsOf, defaultMarkBits, markBitCount } from './mark-bits';
import type { Edge, EdgePort } from './network';
import type { RawPath, Reporter } from './reporter';

const most = 64;

/** Checks what the edge of each gateway is told. @returns null: nothing. */
export function checkEdge({ edge: raw }: NetworkDescription, reporter: Reporter): Edge | null {
  if (raw === undefined) return null;
  const at: RawPath = ['edge'];
  return {
    markBits: raw.marks === undefined ? null : checkMarks(raw.marks, [...at, 'marks'], reporter),
    networkControl: raw.networkControl ?? null,
    open: checkOpen(raw.open ?? [], [...at, 'open'], reporter),
  };
}

function checkMarks(text: string, path: RawPath, reporter: Reporter): number | null {
  const mask = /^0x[0-9a-f]{1,8}$/i.test(text) ? Number(text) : NaN;
  const bits = bitsOf(mask).length;
  if (bits === markBitCount) return mask;
  const message = Number.isNaN(mask) ? `'${text}' is no mask` : `${text} has ${bits} bits`;
  reporter.error(
    'bad-marks',
    path,
    message,
    `give ${markBitCount} bits that nothing else sets, such as '0x${defaultMarkBits.toString(16)}'`,
  );
  return null;
}

function checkOpen(raw: NonNullable<EdgeDescription['open']>, at: RawPath, reporter: Reporter): EdgePort[] {
  if (raw.length > most) {
    reporter.error('bad-number', at, `${raw.length} ports are opened; ${most} is the most`, 'open fewer');
    return [];
  }
  return raw.map(({ port, protocol = 'tcp', from }, i) => {
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      reporter.error('bad-number', [...at, i, 'port'], `${port} is no port`, 'give 1 to 65535');
    if (from.length < 1 || from.length > most) {
      const message = `names ${from.length} networks`;
      reporter.error('too-many-prefixes', [...at, i, 'from'], message, `name 1 to ${most}`);
    }
    for (const [n, text] of from.entries()) {
      if (tryParsePrefix(text)?.length !== 0) continue;
      const message = 'the port would be open to everybody who reaches a gateway';
      reporter.error('bad-block', [...at, i, 'from', n], message, 'name the networks of those who may');
    }
    const sources = from.flatMap((text, n) => checkPrefix(text, null, [...at, i, 'from', n], reporter) ?? []);
    return { protocol, port, from: [...new Set(sources.map(formatPrefix))].sort() };
  });
}
