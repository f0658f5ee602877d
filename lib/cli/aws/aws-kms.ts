import { KmsFailure, type Kms } from '../../net/keys';

type Sdk = typeof import('@aws-sdk/client-kms');

const packageName = '@aws-sdk/client-kms';

/**
 * AWS KMS by the AWS SDK, which is loaded when it is asked first: it is an optional peer dependency. Region
 * from the key's ARN; credentials and endpoint as the SDK finds them (environment, profile, role).
 */
export const awsKms: Kms = {
  encrypt: (key, plain, network) =>
    ask('Encrypt', key, async ({ KMSClient, EncryptCommand }) => {
      const client = new KMSClient({ region: regionOf(key) });
      const context = { EncryptionContext: contextOf(network) };
      const answer = await client.send(new EncryptCommand({ KeyId: key, Plaintext: plain, ...context }));
      if (!answer.CiphertextBlob || !answer.KeyId) throw new Error('the answer holds no ciphertext');
      return { key: answer.KeyId, wrapped: answer.CiphertextBlob };
    }),
  decrypt: (key, wrapped, network) =>
    ask('Decrypt', key, async ({ KMSClient, DecryptCommand }) => {
      const client = new KMSClient({ region: regionOf(key) });
      const context = { EncryptionContext: contextOf(network) };
      const answer = await client.send(
        new DecryptCommand({ KeyId: key, CiphertextBlob: wrapped, ...context }),
      );
      if (answer.Plaintext?.length !== 32) throw new Error('the answer holds no key of 32 bytes');
      return answer.Plaintext;
    }),
};

/** Stands in CloudTrail, and in conditions of key policies (`kms:EncryptionContext:network`). */
function contextOf(network: string): Record<string, string> {
  return { network };
}

function regionOf(arn: string): string {
  return arn.split(':')[3];
}

async function ask<T>(call: string, key: string, work: (sdk: Sdk) => Promise<T>): Promise<T> {
  let sdk: Sdk;
  try {
    sdk = await import('@aws-sdk/client-kms');
  } catch {
    throw new KmsFailure(
      `AWS KMS needs the package ${packageName}, which is not installed`,
      `install it beside dwcp-multiregion: npm install --save-dev ${packageName}`,
    );
  }
  try {
    return await work(sdk);
  } catch (error) {
    const { name, message } = error as Error;
    const why = message && message !== 'UnknownError' ? `${name}: ${message}` : name;
    throw new KmsFailure(
      `AWS KMS did not ${call} with ${key}: ${why}`,
      `look at your AWS credentials and at the key's policy (kms:${call} with encryption context 'network')`,
    );
  }
}
