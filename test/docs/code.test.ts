import path from 'node:path';
import ts from 'typescript';
import { pages, root } from './pages';

/** What `js` blocks are cut out of: an app around them. */
const around = `import { App, S3Backend, TerraformStack } from 'cdktn';
import { AwsProvider } from '@cdktn/provider-aws/lib/provider';
import { GlobalNetwork } from 'dwcp-multiregion/cdktn';
declare const app: App;
declare const stack: TerraformStack;
declare const roleArn: string;
`;

const blocks = pages.flatMap(({ name, blocks: all }) =>
  all
    .filter(({ language }) => language === 'ts' || language === 'js')
    .map(({ language, text, line }) => ({
      at: `${name}:${line}`,
      text: language === 'ts' ? text : `${around}${text}`,
    })),
);

/** Faults that the compiler finds in programs, each under a name of its own. */
function faultsOf(programs: readonly { readonly at: string; readonly text: string }[]): string[] {
  const entry = path.join(root, 'constructs', 'index.ts');
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
    paths: {
      'dwcp-multiregion': [entry],
      'dwcp-multiregion/cdktn': [entry],
      'dwcp-multiregion/plan': [path.join(root, 'lib', 'index.ts')],
      'dwcp-multiregion/client': [path.join(root, 'lib', 'agent', 'client', 'index.ts')],
    },
  };
  // Constructs are compiled against CDKTF. Those for CDK Terrain differ by the name alone, so the blocks are
  // read with the name of CDKTF.
  const files = new Map(
    programs.map(({ text }, at) => [
      path.join(root, `documentation-${at}.ts`),
      text.replace(/'(@?)cdktn(['/])/g, "'$1cdktf$2"),
    ]),
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) => {
    const text = files.get(name);
    return text === undefined
      ? getSourceFile(name, target, ...rest)
      : ts.createSourceFile(name, text, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((name, at) => {
    const source = program.getSourceFile(name)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(
      (fault) => `${programs[at].at}: ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')}`,
    );
  });
}

describe('code in the documentation', () => {
  it('compiles, and what does not is found', () => {
    const wrong = { at: 'wrong', text: `${around}new GlobalNetwork(stack, 7);` };
    expect(faultsOf([...blocks, wrong])).toEqual([expect.stringMatching(/^wrong: .*number/)]);
    expect(blocks.length).toBeGreaterThan(4);
  }, 180_000);
});
