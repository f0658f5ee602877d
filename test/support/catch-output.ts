/** What is printed from now on, instead of printing it; until `jest.restoreAllMocks`. */
export function catchOutput(): string[] {
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
  }
  return said;
}
