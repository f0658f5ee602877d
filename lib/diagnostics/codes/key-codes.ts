import { rowsOf } from './code-text';

const row = rowsOf('keys');
const restore = 'Restore the file from version control, and keep editors away from it.';

/** Codes about key files and what they seal. */
export const keyCodes = {
  'key-file-conflict': row('The key file has markers of a merge conflict.', 'Resolve the conflict first.'),
  'key-file-incomplete': row('The key file ends in the middle: only half of it was written.', restore),
  'key-file-kms': row(
    'AWS KMS does not open the key file: it was not reached, or it refused.',
    'Look at credentials, region and key policy, or open the file with another recipient.',
  ),
  'key-file-network': row('The key file is that of another network.', 'Name the right key file.'),
  'key-file-not-json': row('The key file is not JSON.', restore),
  'key-file-reformatted': row('The key file is not in the form in which dwcp writes it.', restore),
  'key-file-secret': row(
    'The passphrase, key file or identity does not open these keys.',
    'Give the secret of one of the recipients for whom the keys are sealed.',
  ),
  'key-file-shape': row('The key file does not have the shape of one.', restore),
  'key-file-tampered': row('The key file was changed by hand: a seal does not fit its content.', restore),
  'key-file-version': row(
    'The key file has a format that this program does not read.',
    'Use the version that wrote it.',
  ),
  'keys-missing': row(
    'Gateways or tunnels have no keys yet.',
    "Make them with 'dwcp keys init' before you deploy.",
  ),
  'sealed-part-secret': row(
    "The unsealing secret does not open the gateway's part of the keys.",
    'Deploy again, so that the gateway gets the secret that belongs to its keys.',
  ),
  'sealed-part-shape': row("The gateway's sealed part of the keys is damaged.", 'Deploy the bundle again.'),
};
