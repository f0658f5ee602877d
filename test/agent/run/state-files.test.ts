import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readGoodEndpoints, readRotation } from '../../../lib/agent/peers';
import { readApplied, tryReadApplied } from '../../../lib/agent/bundle/applied-record';
import { readKeptDrains } from '../../../lib/agent/run/kept-drains';
import { readJournalFigures } from '../../../lib/agent/run/run-logs';
import { callWebhooks } from '../../../lib/agent/run/serve-locally';
import { countStart } from '../../../lib/agent/run/starts';
import { faultText, stateKeeper } from '../../../lib/agent/run/state-keeper';

let folder: string;
const at = (name: string) => path.join(folder, name);
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'dwcp-state-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** What a file may have become. */
const damages = [
  '',
  '{',
  'null',
  '7',
  '"x"',
  '[]',
  '{"a":{}}',
  '{"sealed":null,"peers":null}',
  '\u0000\u0000',
];
/** What is read at a start, with what it is where nothing can be read. */
const optional: readonly (readonly [string, () => unknown, unknown])[] = [
  ['drains.json', () => readKeptDrains(folder), new Map()],
  ['endpoints-good.json', () => readGoodEndpoints(folder), new Map()],
  ['rotation.json', () => readRotation(folder), null],
  ['starts.json', () => countStart(folder, 1e12, () => undefined), { restarts: 0, failed: 0 }],
  ['figures.json', () => readJournalFigures(folder), null],
];

describe('a record that is damaged keeps no agent from starting', () => {
  it.each(optional)('%s counts as missing', (name, read, none) => {
    expect(read()).toEqual(none);
    for (const text of damages) {
      writeFileSync(at(name), text);
      expect([text, read()]).toEqual([text, none]);
    }
  });

  it('what was applied last is told of, and not guessed where somebody asks for an older plan', () => {
    expect(tryReadApplied(folder)).toEqual({ record: null, damaged: null });
    for (const text of damages) {
      writeFileSync(at('applied.json'), text);
      expect([text, tryReadApplied(folder)]).toEqual([text, { record: null, damaged: at('applied.json') }]);
      expect(() => readApplied(folder)).toThrow('is damaged');
    }
  });

  it('a list of webhooks is told of in words, until it can be read', async () => {
    const told: (string | null)[] = [];
    const keeper = stateKeeper((file, fault) => told.push(fault === null ? null : faultText(file, fault)));
    const call = () => {
      try {
        const hooks = callWebhooks(at('hooks.json'), () => undefined);
        keeper.note('webhooks', null);
        return hooks;
      } catch (error) {
        keeper.note('webhooks', error as Error);
        return undefined;
      }
    };
    for (const text of ['{', '{', '[{"url":"ftp://x"}]']) {
      writeFileSync(at('hooks.json'), text);
      expect(call()).toBeUndefined();
    }
    writeFileSync(at('hooks.json'), '[]');
    await call()!.close();
    expect(told).toEqual([`webhooks cannot be read: ${at('hooks.json')} is no JSON`, null]);
    expect(keeper.all).toEqual([{ file: 'webhooks', failures: 3, fault: null }]);
    expect(readFileSync(at('hooks.json'), 'utf8')).toBe('[]');
  });
});
