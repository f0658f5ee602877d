import type { Argument, Command, Option } from 'commander';
import { faultNames } from '../lab/fault/fault-names';

/** The candidates for an argument or the value of an option. */
export type Value =
  | { readonly kind: 'file' | 'folder' | 'text' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] };

export interface CompletedOption {
  /** `--out`, `-o`. */
  readonly flags: readonly string[];
  readonly about: string;
  /** undefined: it takes no value. */
  readonly value?: Value;
}

export interface CompletedCommand {
  /** Words behind `dwcp`; none for the program itself. */
  readonly path: readonly string[];
  readonly about: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly CompletedOption[];
  /** In order. */
  readonly values: readonly Value[];
  /** May more follow the last, of its kind? */
  readonly more: boolean;
}

/** Names of arguments and values by what completes them; a test finds names that stand in neither list. */
const files = [
  'file',
  'plan',
  'description',
  'network',
  'before',
  'after',
  'keys-file',
  'base',
  'ours',
  'theirs',
];
const folders = ['folder'];
/** Names that nothing on the disk completes. */
export const plainNames: readonly string[] = [
  ...['from', 'to', 'reservation', 'share', 'generation', 'time', 'n', 'branch', 'path', 'name', 'ms'],
  ...['number', 'percent', 'region', 'target', 'where', 'command', 'ids', 'topic', 'recipient'],
  ...['gateway', 'value', 'gateways', 'id', 's', 'bandwidth', 'latency'],
];

/** The candidates by the name of an argument; undefined: nobody has thought about it. */
export function tryValueOf(name: string, choices: readonly string[] | undefined): Value | undefined {
  if (choices) return { kind: 'choice', choices };
  if (name === 'fault') return { kind: 'choice', choices: faultNames };
  if (files.includes(name)) return { kind: 'file' };
  if (folders.includes(name)) return { kind: 'folder' };
  return plainNames.includes(name) ? { kind: 'text' } : undefined;
}

/** The placeholder of an option's value, `file` of `--out <file>`; undefined: it takes none. */
export function placeholderOf({ flags }: Option): string | undefined {
  return /[<[]([a-z-]+)(?:\.\.\.)?[>\]]/.exec(flags)?.[1];
}

/** Every command of a program, parents before children, as completion sees it. */
export function completedCommands(
  command: Command,
  topics: readonly string[],
  path: readonly string[] = [],
): CompletedCommand[] {
  const shown = command.commands.map((c) => ({ name: c.name(), about: firstSentence(c.description()) }));
  const isHelp = path.length === 1 && path[0] === 'help';
  const own: CompletedCommand = {
    path,
    about: firstSentence(command.description()),
    commands: shown,
    options: [
      ...command.options.map(optionOf),
      { flags: ['--help', '-h'], about: 'display help for command' },
    ],
    values: isHelp ? [{ kind: 'choice', choices: topics }] : command.registeredArguments.map(argumentOf),
    more: command.registeredArguments.at(-1)?.variadic ?? false,
  };
  return [own, ...command.commands.flatMap((c) => completedCommands(c, topics, [...path, c.name()]))];
}

function optionOf(option: Option): CompletedOption {
  const name = placeholderOf(option);
  const value = name === undefined ? undefined : (tryValueOf(name, option.argChoices) ?? { kind: 'text' });
  const flags = [option.long, option.short].filter((flag) => typeof flag === 'string');
  return { flags, about: firstSentence(option.description), ...(value && { value }) };
}

function argumentOf(argument: Argument): Value {
  return tryValueOf(argument.name(), argument.argChoices) ?? { kind: 'text' };
}

/** Up to the first colon, semicolon or bracket, so that a line of a menu holds it. */
function firstSentence(text: string): string {
  return /^[^:;(]*/.exec(text)![0].trim();
}
