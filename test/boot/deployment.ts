import { userData, type Bootstrap } from '../../constructs/clouds/aws/user-data';
import { gatewayBundles } from '../../constructs/deploy/gateway-bundles';
import { tunnelEnds, type LockFile } from '../../lib/addressing';
import { loadSolver } from '../../lib/project/solver';
import {
  gatewayState,
  manifestText,
  signedManifest,
  type GatewayState,
  type Manifest,
} from '../../lib/gateway';
import { readDescription } from '../../lib/model';
import {
  createKeyFile,
  publicKeysOf,
  signingChain,
  signTexts,
  unsealText,
  type OpenedKeyFile,
} from '../../lib/net/keys';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { seededRandom } from '../net/seeded-random';
import { SigningKeys } from '../support/signing-keys';
import type { Cloud } from './cloud';

/** Gateways of the network under test, with the public addresses that AWS would give them. */
export const gateways = { virginia: '44.0.2.1', dublin: '44.0.2.2' } as const;
export type Place = keyof typeof gateways;

/** A plan as it is deployed. */
export interface Deployed {
  readonly plan: PlanDocument;
  /** To plan the next one with. */
  readonly lock: LockFile;
  state(of: Place): GatewayState;
  bundle(of: Place): BuiltBundle;
}

export interface BuiltBundle {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly secretVersion: number | null;
}

/** What is uploaded otherwise than a deployment would: by hand, or by an attacker. */
export interface Otherwise {
  readonly manifest?: Partial<Manifest>;
  /** In the place of the bundle that the manifest names. */
  readonly bytes?: Uint8Array;
  /** In the place of the signed manifest. */
  readonly text?: string | Uint8Array;
  readonly endpoints?: string;
  /** Where the first gateway's reports lie. */
  readonly canary?: string;
}

/** Account of the stand-in. */
export const account = '123456789012';

/** Two regions and the link between them, planned again and again with the same keys. */
export class Deployment {
  private constructor(
    readonly network: string,
    readonly keys: OpenedKeyFile,
    /** Who signs in the place of the key file: a forger. */
    private readonly forger: SigningKeys | null,
    /** The agent as one file. */
    private readonly agent: string,
  ) {}

  static async create(network: string, agent: string): Promise<Deployment> {
    const described = describe(network, '1 Gbps');
    const ends = tunnelEnds(described).map((tunnel) => ({ id: tunnel.id, ends: tunnel.ends }));
    const all = { gateways: Object.keys(gateways).map((region) => `${region}/1`), tunnels: ends };
    const secret = { passphrase: 'test fixture passphrase' };
    const { opened } = await createKeyFile(network, all, secret, seededRandom(network), {
      n: 1024,
      r: 1,
      p: 1,
    });
    return new Deployment(network, opened, null, agent);
  }

  /** The same network and keys with another program in its bundles. */
  withAgent(agent: string): Deployment {
    return new Deployment(this.network, this.keys, this.forger, agent);
  }

  /** The same network with a changed key file. */
  withKeys(keys: OpenedKeyFile): Deployment {
    return new Deployment(this.network, keys, this.forger, this.agent);
  }

  /** The same network with manifests that somebody else signs. */
  forgedBy(forger: SigningKeys): Deployment {
    return new Deployment(this.network, this.keys, forger, this.agent);
  }

  bootstrap(of: Place): Bootstrap {
    return {
      gateway: `${of}/1`,
      region: { virginia: 'us-east-1', dublin: 'eu-west-1' }[of],
      bucket: `dwcp-${this.network}-${of}-${account}`,
      account,
      folder: 'gateway-1',
      secret: `dwcp/${this.network}/${of}/1/unseal`,
      network: this.network,
      identity: `${of}/1`,
      key: signingChain(this.keys.file)[0].publicKey,
    };
  }

  userData(of: Place): string {
    return userData(this.bootstrap(of));
  }

  secret(of: Place): string {
    return unsealText(this.keys, `${of}/1`);
  }

  /** @param lock of the plan before; null: a first plan. @param operations YAML of that key. */
  plan(bandwidth: string, lock: LockFile | null, operations = ''): Deployed {
    const { file } = this.keys;
    const built = buildPlan(describe(this.network, bandwidth, operations), {
      lock,
      keys: publicKeysOf(file),
      solver: loadSolver,
    });
    if (!built.plan || !built.lock) throw new Error(built.diagnostics.map((d) => d.message).join('\n'));
    const { plan } = built;
    const bundles = gatewayBundles(plan, file, this.agent);
    return {
      plan,
      lock: built.lock,
      state: (of) => gatewayState(plan, `${of}/1`),
      bundle: (of) => bundles.get(`${of}/1`)!,
    };
  }

  /** A manifest of this deployment for its bundle, signed. */
  manifest(of: Place, deployed: Deployed, changed: Partial<Manifest> = {}): string {
    const { sha256, secretVersion } = deployed.bundle(of);
    const wanted = {
      gateway: `${of}/1`,
      bundle: sha256,
      generation: deployed.plan.generation,
      secretEpoch: secretVersion!,
      validity: { notBefore: 0, latest: 0 },
      canary: null,
      ...changed,
    };
    if (this.forger) return this.forger.manifest(wanted);
    const chain = signingChain(this.keys.file);
    const text = manifestText({ network: this.network, chain, ...wanted });
    return signedManifest(text, signTexts(this.keys, [text])[0]);
  }

  /** Writes a gateway's objects, as `createGatewayObjects` has Terraform do it: the manifest last. */
  async upload(cloud: Cloud, of: Place, deployed: Deployed, otherwise: Otherwise = {}): Promise<void> {
    const { bucket, folder } = this.bootstrap(of);
    const put = (name: string, body: Uint8Array | string) => cloud.put(bucket, `${folder}/${name}`, body);
    const peers = Object.entries(gateways).filter(([region]) => region !== of);
    await put('bundle.tar', otherwise.bytes ?? deployed.bundle(of).bytes);
    const endpoints = Object.fromEntries(peers.map(([region, address]) => [`${region}/1`, address]));
    await put('endpoints.json', otherwise.endpoints ?? `${JSON.stringify(endpoints)}\n`);
    if (otherwise.canary) await put('canary', otherwise.canary);
    await put('manifest', otherwise.text ?? this.manifest(of, deployed, otherwise.manifest));
  }

  /** A gateway's last report, by field; null: it wrote none. */
  async report(cloud: Cloud, of: Place): Promise<Record<string, string> | null> {
    const text = await cloud.get(this.bootstrap(of).bucket, `reports/${of}-1`);
    if (text === null) return null;
    const lines = text.trimEnd().split('\n');
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
    ) as Record<string, string>;
  }
}

function describe(name: string, bandwidth: string, operations = '') {
  const text = `network: ${name}
regions:
  virginia: { place: us-east-1 }
  dublin: { place: eu-west-1 }
links:
  - { between: [virginia, dublin], bandwidth: ${bandwidth} }
${operations}`;
  const { network, diagnostics } = readDescription(text, 'net.yaml');
  if (!network) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return network;
}
