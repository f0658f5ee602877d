import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { manifestText, signedManifest, type Manifest } from '../../lib/gateway';
import { endorsementText, type SigningKey } from '../../lib/net/keys';

/** PKCS #8 of an Ed25519 seed (RFC 8410), but for the seed. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * A network's signing keys by node's own Ed25519, independent of ours: the first, and any rotations of it.
 */
export class SigningKeys {
  private constructor(
    private readonly network: string,
    private readonly keys: readonly KeyObject[],
    readonly chain: readonly SigningKey[],
  ) {}

  /** @param random draws bytes; a seeded one gives the same keys every time. */
  static create(network: string, random: (bytes: number) => Uint8Array): SigningKeys {
    const key = draw(random);
    return new SigningKeys(network, [key], [{ publicKey: publicOf(key) }]);
  }

  /** A forger's key behind a chain that is not his: he endorses it himself. */
  static behind(
    network: string,
    chain: readonly SigningKey[],
    random: (bytes: number) => Uint8Array,
  ): SigningKeys {
    const his = SigningKeys.create(network, random);
    const publicKey = his.first;
    const endorsement = his.sign(endorsementText(network, chain.length + 1, publicKey));
    return new SigningKeys(network, his.keys, [...chain, { publicKey, endorsement }]);
  }

  /** The first public key, base64: what a gateway's user data carry. */
  get first(): string {
    return this.chain[0].publicKey;
  }

  /** One more key, endorsed by the newest; or by another one, as a forger would. */
  rotated(random: (bytes: number) => Uint8Array, endorsedBy?: SigningKeys): SigningKeys {
    const [key, position] = [draw(random), this.chain.length + 1];
    const text = endorsementText(this.network, position, publicOf(key));
    const endorsement = (endorsedBy ?? this).sign(text);
    const chain = [...this.chain, { publicKey: publicOf(key), endorsement }];
    return new SigningKeys(this.network, [...this.keys, key], chain);
  }

  /** Signature by the newest key, base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.keys.at(-1)!).toString('base64');
  }

  /** A signed manifest with this chain. */
  manifest(of: Omit<Manifest, 'network' | 'chain'> & { readonly network?: string }): string {
    const text = manifestText({ network: this.network, ...of, chain: this.chain });
    return signedManifest(text, this.sign(text));
  }
}

function draw(random: (bytes: number) => Uint8Array): KeyObject {
  const seed = Buffer.from(random(32));
  return createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
}

function publicOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
}
