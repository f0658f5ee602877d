import { lockFormatsRead, lockFormatVersion } from '../addressing';
import { keyFileVersion, keyFileVersionsRead } from '../net/keys';
import { formatVersion } from '../plan';
import type { CliIo, ExitCode } from './io';

/**
 * `dwcp version`: the version of the package, of Node and the platform, and which formats of files it reads
 * and writes.
 *
 * @param version of the package.
 */
export function versionCommand(io: CliIo, version: string, options: { readonly json?: boolean }): ExitCode {
  const formats = {
    plan: { reads: [formatVersion], writes: formatVersion },
    lock: { reads: lockFormatsRead, writes: lockFormatVersion },
    keys: { reads: keyFileVersionsRead, writes: keyFileVersion },
  };
  const platform = `${process.platform} ${process.arch}`;
  const node = process.versions.node;
  if (options.json) io.stdout.write(`${JSON.stringify({ version, node, platform, formats }, null, 2)}\n`);
  else {
    const lines = Object.entries(formats).map(
      ([file, { reads, writes }]) =>
        `  ${file.padEnd(5)} format ${writes}${reads.length > 1 ? `; reads ${reads.join(', ')}` : ''}`,
    );
    io.stdout.write([`dwcp ${version}, Node ${node}, ${platform}`, ...lines, ''].join('\n'));
  }
  return 0;
}
