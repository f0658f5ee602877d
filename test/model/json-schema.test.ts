import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { parse } from 'yaml';
import { descriptionJsonSchema } from '../../lib/model';

const golden = path.join(__dirname, '..', 'golden');
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(descriptionJsonSchema());

function errorsOf(file: string): string[] {
  // An empty region is null in YAML; the reader takes it for one with every default.
  const described = parse(readFileSync(file, 'utf8')) as { regions?: Record<string, unknown> };
  for (const [id, region] of Object.entries(described.regions ?? {}))
    if (region === null) described.regions![id] = {};
  validate(described);
  return (validate.errors ?? []).map((e) => `${e.instancePath} ${e.keyword} ${JSON.stringify(e.params)}`);
}

describe('the JSON Schema', () => {
  const good = readdirSync(path.join(golden, 'plans')).map((name) =>
    path.join('plans', name, 'description.yaml'),
  );

  it.each(good)('takes %s', (file) => {
    expect(errorsOf(path.join(golden, file))).toEqual([]);
  });

  // YAML's own merge key is no description's key.
  const unknown = readdirSync(path.join(golden, 'errors')).filter(
    (name) => name.startsWith('unknown-key-') && name !== 'unknown-key-merge',
  );

  it.each(unknown)('refuses %s', (name) => {
    const errors = errorsOf(path.join(golden, 'errors', name, 'network.yaml'));
    expect(errors.filter((e) => e.includes('additionalProperty'))).not.toEqual([]);
  });

  it.each([
    'unknown-enum-values',
    'wrong-types',
    'missing-regions',
    'missing-network',
    'unknown-value-of-mesh',
    'figure-without-unit',
  ])('refuses %s', (name) => {
    expect(errorsOf(path.join(golden, 'errors', name, 'network.yaml'))).not.toEqual([]);
  });

  it('is the one that is published', () => {
    const published = JSON.parse(readFileSync(path.join(__dirname, '..', '..', 'schema.json'), 'utf8')) as {
      $id?: string;
      title: string;
    };
    const body: Record<string, unknown> = { ...published };
    delete body.$id;
    expect(body).toEqual(JSON.parse(JSON.stringify(descriptionJsonSchema())));
  });

  it('describes every key that takes a figure, with an example', () => {
    const text = JSON.stringify(descriptionJsonSchema());
    for (const example of ['5 Gbps', '35 ms', '70 ms', '0.02 USD/GB', '99.95 %', '5000 USD', '25 s'])
      expect(text).toContain(example);
  });
});
