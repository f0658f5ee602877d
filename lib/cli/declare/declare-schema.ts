import type { Declare } from './declare';

/** Adds `dwcp schema`. */
export const declareSchema: Declare = (program, io, done) => {
  program
    .command('schema')
    .description('print the JSON Schema of a description, for editors')
    .action(async () => {
      const { descriptionJsonSchema } = await import('../../model/index.js');
      io.stdout.write(`${JSON.stringify(descriptionJsonSchema(), null, 2)}\n`);
      done(0);
    });
};
