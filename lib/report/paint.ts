/** Marks up text for a terminal, or leaves it plain. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** ECMA-48 SGR sequences when `colour`, else the text as it is. */
export function paint(colour: boolean): Paint {
  const sgr = (open: number, close: number) => (text: string) =>
    colour && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    cyan: sgr(36, 39),
  };
}

/** Width on screen of text without tabs and wide characters: escape sequences count nothing. */
export function visibleWidth(text: string): number {
  // eslint-disable-next-line no-control-regex -- SGR sequences start with the escape character.
  return [...text.replace(/\u001b\[\d+m/g, '')].length;
}
