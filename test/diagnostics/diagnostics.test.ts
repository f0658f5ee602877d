import {
  DiagnosticError,
  formatDiagnostic,
  hasErrors,
  nearest,
  problem,
  sortDiagnostics,
  warning,
} from '../../lib/diagnostics';
import { seeded } from '../support/random-seeded';

describe('the nearest word', () => {
  it('forgives a letter that is missing, too many, wrong or swapped', () => {
    const words = ['bandwidth', 'latency', 'strategy', 'regions'];
    for (const typo of ['bandwith', 'bandwidthh', 'banndwidth', 'bandwitdh', 'BANDWIDTH']) {
      expect([typo, nearest(typo, words)]).toEqual([typo, 'bandwidth']);
    }
  });

  it('is none when everything is far away', () => {
    expect(nearest('atlantis', ['dublin', 'virginia'])).toBeUndefined();
    expect(nearest('anything', [])).toBeUndefined();
  });

  it('does not make one short word of another', () => {
    expect(nearest('qos', ['to', 'from', 'id'])).toBeUndefined();
    expect(nearest('mut', ['mtu', 'type'])).toBe('mtu');
  });

  it('is the first in code unit order when several are equally near', () => {
    expect(nearest('link-x', ['link-b', 'link-c', 'link-a'])).toBe('link-a');
  });
});

describe('diagnostics', () => {
  const at = (line: number, column: number) => ({ file: 'n.yaml', line, column });
  const list = [
    { ...warning('warning', 'a', 'm', ''), position: at(1, 1) },
    { ...problem('block', 'x', 'm', ''), position: at(9, 2) },
    { ...problem('block', 'x', 'm', ''), position: at(9, 1) },
    { ...problem('admission', 'x', 'm', ''), position: at(10, 1) },
    problem('admission', 'b', 'm', ''),
    problem('admission', 'a', 'n', ''),
    problem('admission', 'a', 'm', ''),
  ];

  it('stand errors first, then as in the file, whatever the order they were found in', () => {
    const sorted = sortDiagnostics(list);
    expect(sorted.map((d) => [d.severity, d.position?.line ?? 0, d.position?.column ?? 0])).toEqual([
      ['error', 0, 0],
      ['error', 0, 0],
      ['error', 0, 0],
      ['error', 9, 1],
      ['error', 9, 2],
      ['error', 10, 1],
      ['warning', 1, 1],
    ]);
    for (let seed = 1; seed <= 20; seed++) {
      const random = seeded(seed);
      const mixed = [...list]
        .map((d) => [random.next(), d] as const)
        .sort((x, y) => x[0] - y[0])
        .map(([, d]) => d);
      expect({ seed, sorted: sortDiagnostics(mixed) }).toEqual({ seed, sorted });
    }
  });

  it('name code, place, fault and next action', () => {
    const found = {
      ...problem('block-overlap', 'regions.dublin.block', '10.0.0.0/16 overlaps', 'move it'),
      position: at(12, 5),
    };
    expect(formatDiagnostic(found)).toBe(
      'error[block-overlap] regions.dublin.block: 10.0.0.0/16 overlaps\n  at n.yaml:12:5\n  next: move it',
    );
    expect(formatDiagnostic(problem('admission', '', 'm', ''))).toBe('error[admission] m');
  });

  it('let no escape sequence or line feed of the input through', () => {
    const text = formatDiagnostic(
      problem('bad-id', 'regions.a\u001b[31m', "'a\nerror[x] b\r\u009b'", 'rename\tit'),
    );
    expect(text).toBe(
      "error[bad-id] regions.a\\u001b[31m: 'a\\u000aerror[x] b\\u000d\\u009b'\n  next: rename\\u0009it",
    );
  });

  it('stop a stage when one is an error', () => {
    expect(hasErrors([warning('warning', '', 'm', '')])).toBe(false);
    expect(hasErrors([warning('warning', '', 'm', ''), problem('digest', '', 'm', '')])).toBe(true);
  });

  it('are all in the message where code must throw', () => {
    const error = new DiagnosticError([problem('admission', 'x', 'first', 'do'), problem('block', 'y', 'second', '')]);
    expect(error.message).toContain('error[admission] x: first');
    expect(error.message).toContain('error[block] y: second');
    expect(error.diagnostics).toHaveLength(2);
  });
});
