import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Arguments of a resource or of a block in it, by their names in Terraform. */
export type Arguments = ReadonlyMap<string, Argument>;

export interface Argument {
  readonly required: boolean;
  /** What it holds, where it is a block. */
  readonly block?: Arguments;
}

/** What the AWS provider takes and gives for one type, as its cdktf binding declares it. */
export interface Binding {
  readonly arguments: Arguments;
  /** Names in the binding: `publicIp`. */
  readonly attributes: ReadonlySet<string>;
}

const library = path.join(__dirname, '..', '..', 'node_modules', '@cdktf', 'provider-aws', 'lib');
const read = new Map<string, Binding | undefined>();

/**
 * What a binding declares; undefined: there is none.
 *
 * @param folder `eip`, `data-aws-ami`, `provider`.
 */
export function bindingOf(folder: string): Binding | undefined {
  if (!read.has(folder)) read.set(folder, readBinding(path.join(library, folder, 'index.d.ts')));
  return read.get(folder);
}

/** The folder of a Terraform type's binding. */
export function folderOf(kind: 'resource' | 'data', type: string): string {
  const name = type.replace(/^aws_/, '').replaceAll('_', '-');
  return kind === 'data' ? `data-aws-${name}` : name;
}

/** `public_ip` as bindings write it. */
export function bindingName(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}

function readBinding(file: string): Binding | undefined {
  if (!existsSync(file)) return undefined;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  const interfaces = new Map(
    source.statements.filter(ts.isInterfaceDeclaration).map((made) => [made.name.text, made]),
  );
  const construct = source.statements
    .filter(ts.isClassDeclaration)
    .find((made) => /cdktf\.Terraform(Resource|DataSource|Provider)$/.test(parentOf(made)))!;
  const config = [...interfaces.values()].find((made) =>
    made.name.text.endsWith('ProviderConfig')
      ? true
      : made.heritageClauses?.[0]?.types[0].getText() === 'cdktf.TerraformMetaArguments',
  )!;
  const getters = construct.members.filter(ts.isGetAccessorDeclaration).map((made) => made.name.getText());
  return { arguments: argumentsOf(config, interfaces), attributes: new Set(getters) };
}

function parentOf(made: ts.ClassDeclaration): string {
  return made.heritageClauses?.[0]?.types[0].getText() ?? '';
}

function argumentsOf(
  made: ts.InterfaceDeclaration,
  interfaces: ReadonlyMap<string, ts.InterfaceDeclaration>,
): Arguments {
  return new Map(
    made.members.filter(ts.isPropertySignature).map((member) => {
      // Each argument links to its documentation, under its name in Terraform.
      const name = /#([a-z0-9_]+) \w+#\1\}/.exec(member.getFullText())?.[1];
      if (name === undefined) throw new Error(`${made.name.text}.${member.name.getText()} is undocumented`);
      const type = member.type!.getText().replace(/\[\]|\s*\|\s*cdktf\.IResolvable/g, '');
      const block = interfaces.get(type);
      const argument: Argument = {
        required: member.questionToken === undefined,
        ...(block && { block: argumentsOf(block, interfaces) }),
      };
      return [name, argument];
    }),
  );
}
