import type { Declare } from './declare';

/** Adds `dwcp import`. */
export const declareImport: Declare = (program, io, done) => {
  program
    .command('import')
    .description(
      "a description of another tool's network: GraphML of NetworkX, yEd, Gephi or the Topology Zoo",
    )
    .argument('<file>', 'GraphML file; - for standard input')
    .option('--network <name>', "the network's name (default: that of the graph, else of the file)")
    .option('--bandwidth <bandwidth>', 'of links that give none, such as 10Gbps')
    .option('--latency <latency>', 'one way, of links that give none, such as 5ms')
    .option('-o, --out <file>', 'write the description there; the file must not exist')
    .action(async (file: string, options: object) => {
      const { importCommand } = await import('../import-command.js');
      done(importCommand(io, file, options));
    });
};
