import type { CompletedCommand, Value } from './completion-model';

/** A script for fish, to be kept as `completions/dwcp.fish`. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const known = commands.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  const lines = [
    '# Completes dwcp in fish. Made by: dwcp completion fish',
    `set -g __dwcp_commands ${known.join(' ')}`,
    'function __dwcp_at --description "is this the command, and so many arguments behind it?"',
    "  set -l path ''",
    '  set -l count 0',
    '  for word in (commandline -opc)[2..-1]',
    "    string match -q -- '-?*' $word; and continue",
    '    set -l next (string trim -- "$path $word")',
    '    if test $count -eq 0; and contains -- $next $__dwcp_commands',
    '      set path $next',
    '    else',
    '      set count (math $count + 1)',
    '    end',
    '  end',
    '  test "$path" = "$argv[1]"; or return 1',
    '  test (count $argv) -lt 2; and return 0',
    '  if test $argv[2] = more',
    '    test $count -ge $argv[3]',
    '  else',
    '    test $count -eq $argv[2]',
    '  end',
    'end',
    'complete -c dwcp -f',
    ...commands.flatMap(completions),
  ];
  return `${lines.join('\n')}\n`;
}

function completions({ path, commands, options, values, more }: CompletedCommand): string[] {
  const at = (...more: string[]) => quoted(['__dwcp_at', quoted(path.join(' ')), ...more].join(' '));
  const flags = options.map(({ flags, about, value }) => {
    const names = flags.map((flag) =>
      flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
    );
    return `complete -c dwcp -n ${at()} ${names.join(' ')} -d ${quoted(about)}${valueOf(value)}`;
  });
  const names = commands.map(
    ({ name, about }) => `complete -c dwcp -n ${at('0')} -a ${name} -d ${quoted(about)}`,
  );
  const places = values.flatMap((value, i) => {
    const where = more && i === values.length - 1 ? at('more', String(i)) : at(String(i));
    const what = argument(value);
    return what === '' ? [] : [`complete -c dwcp -n ${where}${what}`];
  });
  return [...names, ...flags, ...(commands.length > 0 ? [] : places)];
}

function valueOf(value: Value | undefined): string {
  return value === undefined ? '' : value.kind === 'text' ? ' -x' : ` -r${argument(value)}`;
}

/** Fish completes files by itself, and folders by a function that it brings. */
function argument(value: Value): string {
  if (value.kind === 'choice') return ` -f -a ${quoted(value.choices.join(' '))}`;
  return { file: ' -F', folder: " -f -a '(__fish_complete_directories)'", text: '' }[value.kind];
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (c) => `\\${c}`)}'`;
}
