import { existsSync } from 'node:fs';
import path from 'node:path';
import { Document, isScalar, visit } from 'yaml';
import { problem, sortDiagnostics, type Diagnostic } from '../diagnostics';
import { importGraph, readGraphml } from '../exchange';
import { idFromName, readDescription } from '../model';
import { readText, shownName } from './host';
import type { CliIo, ExitCode } from './io';
import { printDiagnostics } from './print-diagnostics';
import { writeFault, writeFileAtomic } from '../project/write-file';

interface ImportOptions {
  readonly network?: string;
  readonly bandwidth?: string;
  readonly latency?: string;
  readonly out?: string;
}

/**
 * `dwcp import`: a description, as YAML, of the network in a GraphML file. It is printed even if a figure is
 * still missing, for that is easier to add there; the exit code is 1 then.
 */
export function importCommand(io: CliIo, file: string, options: ImportOptions): ExitCode {
  const shown = shownName(file);
  const { text, diagnostics } = readText(io, file);
  if (text === undefined) return refuse(io, diagnostics);
  const { graph, diagnostic } = readGraphml(text, shown);
  if (!graph) return refuse(io, [diagnostic]);
  const named = [String(graph.getAttribute('network') ?? ''), path.parse(file).name, 'net'];
  const network = options.network ?? named.map((name) => idFromName(name)).find((id) => id !== '')!;
  const { description, notes } = importGraph(graph, network);
  const { regions, links } = description;
  const given = { bandwidth: options.bandwidth, latency: options.latency };
  const link = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const defaults = Object.keys(link).length > 0 ? { defaults: { link } } : {};
  const yaml = yamlOf({ network, ...defaults, regions, links });
  const fault = print(io, yaml, options.out);
  if (fault) return refuse(io, [fault]);
  for (const note of notes) io.stderr.write(`${note}\n`);
  // Warnings are for `dwcp check`, once the figures are there.
  const { diagnostics: found } = readDescription(yaml, options.out ?? '<stdout>');
  const errors = sortDiagnostics(found.filter((d) => d.severity === 'error'));
  printDiagnostics(io, errors);
  return errors.length > 0 ? 1 : 0;
}

/** As people write it: lists of names, and maps of one figure, on a line. */
function yamlOf(description: object): string {
  const document = new Document(description);
  visit(document, {
    Seq: (_key, node) => void (node.flow = node.items.every((item) => isScalar(item))),
    Map: (_key, node) =>
      void (node.flow = node.items.length < 3 && node.items.every((pair) => isScalar(pair.value))),
  });
  return document.toString({ lineWidth: 110 });
}

function refuse(io: CliIo, diagnostics: readonly Diagnostic[]): ExitCode {
  printDiagnostics(io, diagnostics);
  return 1;
}

function print(io: CliIo, yaml: string, out: string | undefined): Diagnostic | undefined {
  if (out === undefined) {
    io.stdout.write(yaml);
    return undefined;
  }
  const full = path.resolve(io.cwd, out);
  if (existsSync(full)) {
    return problem('file-exists', '', `${out} is there already; nothing was written`, 'name a new file');
  }
  try {
    writeFileAtomic(full, yaml);
  } catch (error) {
    const message = `${out} cannot be written: ${writeFault(error)}`;
    return problem('file-unwritable', '', message, 'check the folder and the disk');
  }
  io.stderr.write(`wrote ${out}\n`);
  return undefined;
}
