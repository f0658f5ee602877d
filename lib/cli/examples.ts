import type { Command } from 'commander';

/** Examples by command: what is shown under its help, at most 78 columns a line. A test holds them valid. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  init: ['dwcp init backbone', 'dwcp init --framework cdktf --network wan'],
  check: [
    'dwcp check net.yaml',
    'dwcp check net.yaml --strict --frozen-lock',
    'dwcp check net.yaml --previous plan.json --all',
    'generate-network | dwcp check - --json',
  ],
  plan: [
    'dwcp plan net.yaml',
    'dwcp plan net.yaml --out plan.json',
    'dwcp plan net.yaml --previous plan.json --tolerance 5%',
    'dwcp plan net.yaml --format markdown > plan.md',
    'dwcp plan net.yaml --format graphml > net.graphml',
  ],
  import: [
    'dwcp import zoo.graphml > net.yaml',
    'dwcp import zoo.graphml --network zoo --bandwidth 10Gbps --latency 5ms',
    'dwcp plan net.yaml --format graphml | dwcp import -',
  ],
  explain: [
    'dwcp explain net.yaml tokyo dublin',
    'dwcp explain plan.json tokyo dublin --class bulk',
    'dwcp plan net.yaml --json | dwcp explain - tokyo dublin --json',
  ],
  calendar: [
    'dwcp calendar net.yaml',
    'dwcp calendar net.yaml nightly --count 30',
    'dwcp calendar plan.json --from 2027-03-01 --until 2027-04-01',
    'dwcp calendar net.yaml nightly --from 2027-03-27T22:00+01:00 --json',
  ],
  verify: [
    'dwcp verify plan.json',
    'dwcp verify plan.json --description net.yaml --lock net.lock.json',
    'dwcp verify plan.json --previous last-plan.json',
    'curl -s https://example.com/plan.json | dwcp verify -',
  ],
  failures: [
    'dwcp failures net.yaml',
    'dwcp failures plan.json --dual --threads 1',
    'dwcp failures plan.json --format markdown --all',
  ],
  diff: [
    'dwcp diff plan.json net.yaml',
    'git show main:net.yaml | dwcp diff - net.yaml',
    'dwcp diff before.json after.json --format markdown --all',
  ],
  schema: ['dwcp schema > schema.json'],
  'lock merge': ['dwcp lock merge --deployed main base.json ours.json theirs.json net.lock.json'],
  version: ['dwcp version', 'dwcp version --json'],
  completion: [
    'source <(dwcp completion bash)',
    'dwcp completion zsh > ~/.zfunc/_dwcp',
    'dwcp completion fish > ~/.config/fish/completions/dwcp.fish',
  ],
  help: ['dwcp help plan', 'dwcp help lab up', 'dwcp help codes block-overlap', 'dwcp help exit-codes'],
  'keys init': [
    'dwcp keys init net.yaml',
    'dwcp keys init net.yaml --key-file secret.bin --remove-stale',
    'dwcp keys init net.yaml --recipient age1… --recipient arn:aws:kms:…',
  ],
  'keys reseal': [
    'dwcp keys reseal net.keys.json',
    'dwcp keys reseal net.keys.json --recipient age1… --new-passphrase',
  ],
  'keys show': ['dwcp keys show net.keys.json', 'dwcp keys show net.keys.json --json'],
  'keys rotate': [
    'dwcp keys rotate net.keys.json dublin/1',
    'dwcp keys rotate net.keys.json --all',
    'dwcp keys rotate net.keys.json --finish',
  ],
  'keys sign': ['dwcp keys sign net.keys.json', 'dwcp keys sign net.keys.json cdktf.out/stacks/net'],
  'keys exec': ['dwcp keys exec net.keys.json -- npx cdktf deploy net'],
  'ops status': ['dwcp ops status net.yaml', 'dwcp ops status net.yaml --by ssm --only dublin --json'],
  'ops drain': [
    'dwcp ops drain region dublin net.yaml --for 2h',
    'dwcp ops drain link link-dublin-virginia net.yaml',
    'dwcp ops drain gateway dublin/1 net.yaml --by ssm --for 30m',
  ],
  'ops undrain': ['dwcp ops undrain region dublin net.yaml'],
  'ops events': ['dwcp ops events net.yaml --json'],
  'ops doctor': ['dwcp ops doctor net.yaml'],
  'lab up': [
    'sudo dwcp lab up net.yaml',
    'sudo dwcp lab up plan.json --no-delay --detach',
    'sudo dwcp lab up net.yaml --interval 50 --multiplier 5',
  ],
  'lab status': ['sudo dwcp lab status', 'sudo dwcp lab status --json'],
  'lab fail': [
    'sudo dwcp lab fail link-dublin-virginia',
    'sudo dwcp lab fail link-dublin-virginia --loss 20 --towards dublin',
    'sudo dwcp lab fail dublin',
  ],
  'lab fault': [
    'sudo dwcp lab fault dublin/1 flush-rules',
    'sudo dwcp lab fault dublin/1 kill-tunnel link-dublin-virginia',
  ],
  'lab heal': [
    'sudo dwcp lab heal',
    'sudo dwcp lab heal link-dublin-virginia',
    'sudo dwcp lab heal dublin/1 foreign-interface',
  ],
  'lab drill': ['sudo dwcp lab drill', 'sudo dwcp lab drill --only links regions --runs 3 --json'],
  'lab restart': ['sudo dwcp lab restart dublin/1', 'sudo dwcp lab restart dublin/1 --upgrade'],
  'lab exec': ['sudo dwcp lab exec dublin -- ping -c 3 10.1.0.10'],
  'lab down': ['sudo dwcp lab down', 'sudo dwcp lab down --lab net'],
};

/** Puts the examples under the help of a program's commands. */
export function addExamples(command: Command, path: readonly string[] = []): void {
  for (const child of command.commands) {
    const name = [...path, child.name()];
    const lines = examples[name.join(' ')];
    if (lines) {
      const title = lines.length === 1 ? 'Example' : 'Examples';
      child.addHelpText('after', ['', `${title}:`, ...lines.map((line) => `  ${line}`)].join('\n'));
    }
    addExamples(child, name);
  }
}
