/** Deeper than any description, and far from what makes a recursive parser run out of stack. */
const mostLevels = 200;

/**
 * Is a YAML or JSON text nested deeper than a description can be? Counts brackets without their closing ones,
 * indented lines and list marks; brackets in texts count too, as no description has hundreds. A parser that
 * runs out of stack can end the whole process, so this is asked before one is run.
 */
export function isTooDeep(text: string): boolean {
  let open = 0;
  const indents: number[] = [];
  for (const line of text.split('\n')) {
    const [marks] = /^(?:[ \t]|[-?:](?=[ \t]))*/.exec(line)!;
    if (marks.length < line.length) {
      while (indents.length > 0 && indents[indents.length - 1] >= marks.length) indents.pop();
      indents.push(marks.length);
      const levels = indents.length + marks.replace(/[ \t]/g, '').length;
      if (levels > mostLevels) return true;
    }
    for (const c of line) {
      if (c === '[' || c === '{') open++;
      else if ((c === ']' || c === '}') && open > 0) open--;
      if (open > mostLevels) return true;
    }
  }
  return false;
}
