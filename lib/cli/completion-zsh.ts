import type { CompletedCommand, Value } from './completion-model';

/** A script for zsh: as a file `_dwcp` in `fpath`, or evaluated after `compinit`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const lines = [
    '#compdef dwcp',
    '# Completes dwcp in zsh. Made by: dwcp completion zsh',
    '_dwcp() {',
    "  local path_='' ",
    '  local -a names',
    '  # The words of the command itself go, so that what is left are its arguments.',
    '  while (( CURRENT > 2 )); do',
    '    case "${path_:+$path_ }$words[2]" in',
    `      ${commands
      .filter(({ path }) => path.length > 0)
      .map(({ path }) => quoted(path.join(' ')))
      .join('|')}) path_="\${path_:+$path_ }$words[2]"; shift words; (( CURRENT-- )) ;;`,
    '      *) break ;;',
    '    esac',
    '  done',
    '  case "$path_" in',
    ...commands.flatMap(branch),
    '  esac',
    '}',
    'if [[ $funcstack[1] == _dwcp ]]; then _dwcp "$@"; else compdef _dwcp dwcp; fi',
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function branch(command: CompletedCommand): string[] {
  const { path, commands, options, values, more } = command;
  const specs = options.flatMap(({ flags, about, value }) => {
    const tail = `[${escaped(about)}]${value ? `:value:${action(value)}` : ''}`;
    return flags.map((flag) => quoted(`(${flags.join(' ')})${flag}${tail}`));
  });
  const head = [`    ${quoted(path.join(' '))})`];
  if (commands.length > 0) {
    const names = commands.map(({ name, about }) => quoted(`${name}:${about.replace(/:/g, '\\:')}`));
    return [
      ...head,
      `      if [[ $words[CURRENT] == -* ]]; then _arguments ${specs.join(' ')}`,
      `      else names=(${names.join(' ')}); _describe command names; fi ;;`,
    ];
  }
  const places = values.map((value, i) =>
    quoted(`${more && i === values.length - 1 ? '*' : i + 1}:argument:${action(value)}`),
  );
  return [...head, `      _arguments ${[...specs, ...places].join(' ')} ;;`];
}

function action(value: Value): string {
  if (value.kind === 'choice') return `(${value.choices.join(' ')})`;
  return { file: '_files', folder: '_files -/', text: '' }[value.kind] || ' ';
}

function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, (c) => `\\${c}`);
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}
