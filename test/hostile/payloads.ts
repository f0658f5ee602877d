/**
 * What a stranger would write into a description, by what it attacks; each holds the word by which it is
 * found again, and fits in a key of a tag.
 */
export const payloads = {
  'terminal sequences': '\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u001b[31mHOSTILE',
  'C1 controls': '\u009b31mHOSTILE\u0085\u0090q\u009c',
  'carriage return and delete': 'fine\rHOSTILE\b\u007f',
  'bidirectional controls': 'HOSTILE\u202e\u2066txt.exe\u2069\u200f',
  'zero width, mark and tags': 'HO\u200bSTILE HOSTILE\ufeff\u{e0041}\u{e007f}\u00ad',
  'line and paragraph separators': 'HOSTILE\u2028a\u2029b\r\nc',
  'a lone surrogate': 'HOSTILE \ud800 \udc00',
  'a closed fence':
    'HOSTILE\n```\n\n**No other changes.** @org/network-team [plan](https://evil.example) <!--',
  'Markdown in a line':
    'HOSTILE``` **bold** _i_ ~~no~~ [x](http://evil.example) ![i](x) | a | :tada: $a$ #1 @org/team',
  HTML: 'HOSTILE<img src=x onerror=alert(1)><!-- &lt; </td></table><details>',
  'a label': 'HOSTILE"} 1\nfake_metric{a="',
  shell: 'HOSTILE$(id);`id`\'"&&\\ ${IFS}*?>x',
  'a unit or configuration': 'HOSTILE\nPostUp = id\n[Peer]\n!\nend',
  'a rule set': 'HOSTILE"; }; flush ruleset; # */',
  Terraform: '${file("HOSTILE")} %{ if true }HOSTILE%{ endif }',
} as const;

/** Character for character what a terminal must never get from us, apart from line feeds. */
export const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Output without its line feeds, and on a terminal without its colours. */
export function withoutOurs(text: string): string {
  // eslint-disable-next-line no-control-regex -- colours begin with the escape character.
  return text.replace(/\n|\u001b\[(?:1|2|22|31|32|33|36|39)m/g, '');
}
