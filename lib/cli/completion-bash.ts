import type { CompletedCommand, Value } from './completion-model';

/** A script for bash 3.2 and later; bash-completion is not needed. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const known = commands.filter(({ path }) => path.length > 0).map(({ path }) => pattern(path.join(' ')));
  const taking = commands.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value)
      .map(({ flags, value }) => ({ keys: flags.map((flag) => `${path.join(' ')}|${flag}`), value: value! })),
  );
  const lines = [
    '# Completes dwcp in bash. Made by: dwcp completion bash',
    '_dwcp() {',
    '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}"',
    "  local path='' word='' option='' want='' count=0 skip='' i IFS=$' \\t\\n'",
    '  # Bash parts --out=file into three words.',
    '  if [[ $cur == = ]]; then cur=; fi',
    '  if [[ $prev == = ]]; then prev="${COMP_WORDS[COMP_CWORD-2]}"; fi',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    word="${COMP_WORDS[i]}"',
    '    if [[ $word == = ]]; then skip=1; continue; fi',
    '    if [[ -n $skip ]]; then skip=; continue; fi',
    '    if [[ $word == -- ]]; then COMPREPLY=(); compopt -o default 2>/dev/null; return; fi',
    '    case "${path:+$path }$word" in',
    `      ${known.join('|')}) path="\${path:+$path }$word"; count=0; continue ;;`,
    '    esac',
    '    case "$path|$word" in',
    `      ${taking.flatMap(({ keys }) => keys.map(pattern)).join('|')}) skip=1 ;;`,
    '      *\\|-?*) ;;',
    '      *) count=$((count + 1)) ;;',
    '    esac',
    '  done',
    '  case "$path|$prev" in',
    ...taking.map(
      ({ keys, value }) => `    ${keys.map(pattern).join('|')}) want=${quoted(wantOf(value))} ;;`,
    ),
    '  esac',
    '  if [[ -z $want && $cur == -* && $cur != - ]]; then',
    '    case "$path" in',
    ...commands.map(({ path, options }) => {
      const flags = options.flatMap((o) => o.flags).join(' ');
      return `      ${pattern(path.join(' '))}) want=${quoted(`words ${flags}`)} ;;`;
    }),
    '    esac',
    '  elif [[ -z $want ]]; then',
    '    case "$path|$count" in',
    ...commands.flatMap(positions),
    '    esac',
    '  fi',
    '  COMPREPLY=()',
    '  case "$want" in',
    '    words\\ *) COMPREPLY=($(compgen -W "${want#words }" -- "$cur")) ;;',
    '    file) IFS=$\'\\n\'; COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null ;;',
    '    folder) IFS=$\'\\n\'; COMPREPLY=($(compgen -d -- "$cur")); compopt -o filenames 2>/dev/null ;;',
    '  esac',
    '}',
    'complete -F _dwcp dwcp',
  ];
  return `${lines.join('\n')}\n`;
}

/** The candidates at each place behind a command. */
function positions({ path, commands, values, more }: CompletedCommand): string[] {
  const at = (count: string, want: string) =>
    `      ${pattern(path.join(' '))}\\|${count}) want=${quoted(want)} ;;`;
  if (commands.length > 0) return [at('0', `words ${commands.map(({ name }) => name).join(' ')}`)];
  return values.map((value, i) => at(more && i === values.length - 1 ? '*' : String(i), wantOf(value)));
}

function wantOf(value: Value): string {
  return value.kind === 'choice' ? `words ${value.choices.join(' ')}` : value.kind;
}

/** A text that a pattern of `case` matches as it is. */
function pattern(text: string): string {
  return text === '' ? "''" : quoted(text);
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}
