import { writeBack } from '../../../lib/cli/ops/write-back';

const yaml = `# The backbone.
network: demo
regions:
  virginia: { place: us-east-1 } # home
  dublin:
    place: 'eu-west-1'
  eu-central-1:
links:
  # The old cable.
  - { between: [virginia, dublin], bandwidth: 1 Gbps }
  - id: second
    from: dublin
    to: virginia
  - { mesh: all }
`;

const text = (of: 'link' | 'region', id: string, on = true, from = yaml) => {
  const back = writeBack(from, { of, id }, on);
  if (!('text' in back)) throw new Error(JSON.stringify(back));
  return back.text;
};

it.each([
  ['region', 'virginia', '  virginia: { place: us-east-1, drained: true } # home'],
  ['region', 'dublin', "    place: 'eu-west-1'\n    drained: true"],
  ['region', 'eu-central-1', '  eu-central-1: { drained: true }'],
  ['link', 'link-virginia-dublin', '{ between: [virginia, dublin], bandwidth: 1 Gbps, drained: true }'],
  ['link', 'second', '  - id: second\n    drained: true'],
] as const)('a drain of %s %s is written where it stands', (of, id, line) => {
  const after = text(of, id);
  expect(after).toContain(line);
  expect(after).toContain('# The backbone.');
  expect(after).toContain('# The old cable.');
  const changed = after.split('\n').filter((l) => !yaml.split('\n').includes(l));
  expect(changed.length).toBe(1);
});

it.each(['region dublin', 'link second', 'region virginia', 'link link-virginia-dublin'])(
  'a drain of %s and its end leave the text as it was, to the byte',
  (place) => {
    const [of, id] = place.split(' ') as ['link' | 'region', string];
    expect(text(of, id, false, text(of, id))).toBe(yaml);
  },
);

it('says so where nothing is to be written, and what to write where it cannot be', () => {
  expect(writeBack(yaml, { of: 'region', id: 'dublin' }, false)).toEqual({
    unchanged: true,
    at: 'regions.dublin.drained',
  });
  expect(writeBack(yaml, { of: 'link', id: 'link-dublin-eu-central-1' }, true)).toEqual({
    instead: "write 'drained: true' at a link of its own, as it comes from a mesh",
  });
  expect(writeBack(yaml, { of: 'gateway', id: 'dublin/1' }, true)).toHaveProperty('instead');
});

it('edits JSON as JSON, and changes the value that stands there', () => {
  const json = '{ "network": "demo", "regions": { "a": { "place": "us-east-1" }, "b": {} }, "links": [] }';
  expect(JSON.parse(text('region', 'a', true, json))).toHaveProperty('regions.a.drained', true);
  expect(JSON.parse(text('region', 'b', true, json))).toHaveProperty('regions.b.drained', true);
  const no = yaml.replace("place: 'eu-west-1'", "place: 'eu-west-1'\n    drained: false # not now");
  expect(text('region', 'dublin', true, no)).toBe(no.replace('false #', 'true #'));
  expect(text('region', 'dublin', false, no.replace('false #', 'true #'))).toBe(no);
});
