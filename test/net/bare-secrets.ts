import { unsealText, type OpenedKeyFile } from '../../lib/net/keys';

/** The unsealing secrets of a gateway without their epochs, base64, newest first: what no text may hold. */
export function bareSecrets(opened: OpenedKeyFile, gateway: string): string[] {
  return unsealText(opened, gateway)
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[1]);
}

/** The newest secret of a gateway as if it were of the epoch: only the secret itself can refuse it. */
export function secretAsOf(opened: OpenedKeyFile, gateway: string, epoch: number): string {
  return `${epoch} ${bareSecrets(opened, gateway)[0]}\n`;
}
