import { fetchProgram } from './fetch/program';
import { fetchService, fetchTimer, packagesService } from './fetch/units';

/** The knowledge that a gateway needs to fetch the rest, and to tell that it is meant for it. */
export interface Bootstrap {
  readonly gateway: string;
  /** AWS region code. */
  readonly region: string;
  readonly bucket: string;
  /** AWS account that owns the bucket; 12 digits. */
  readonly account: string;
  readonly folder: string;
  /** Name of its unsealing secret. */
  readonly secret: string;
  /** Identity of its network. */
  readonly network: string;
  /** Its own identity: `<region's identity>/<number>`. */
  readonly identity: string;
  /** First public key of the network's signing chain, base64; later keys are endorsed from it on. */
  readonly key: string;
}

/** The gateway's command, so that nobody has to know where the program lies. */
const command = `#!/bin/sh
[ "$(id -u)" = 0 ] || exec sudo "$0" "$@"
exec node /opt/dwcp/current/dwcp-agent.cjs "$@"
`;

/**
 * The orders for cloud-init at the first boot: it writes a small program with its timer, and starts the
 * timer. They have less than 14 KB for the longest names, of the 16 KB that EC2 takes. Nothing here follows
 * from the plan, and the installer of a bundle travels in the bundle. So neither a new plan nor a new agent
 * touches an instance. Terraform reads the text as a template, so it has no shell parameter in braces and no
 * percent sign before one.
 *
 * On the gateway: `/opt/dwcp/current` (the installed bundle, a link that is switched whole),
 * `/opt/dwcp/endpoints.json`, `/run/dwcp/unseal` (the unsealing secret, in memory only),
 * `/var/lib/dwcp-fetch` (what the program keeps).
 */
export function userData(bootstrap: Bootstrap): string {
  const source = `AWS_DEFAULT_REGION=${bootstrap.region}
BUCKET=${bootstrap.bucket}
ACCOUNT=${bootstrap.account}
FOLDER=${bootstrap.folder}
SECRET=${bootstrap.secret}
NETWORK=${bootstrap.network}
GATEWAY=${bootstrap.identity}
KEY=${bootstrap.key}
`;
  return `#cloud-config
# dwcp gateway ${bootstrap.gateway}
write_files:
${file('/etc/dwcp/source', source)}
${file('/usr/local/bin/dwcp-agent', command, '0755')}
${file('/usr/local/sbin/dwcp-fetch', installedFetchProgram, '0755')}
${file('/etc/systemd/system/dwcp-packages.service', packagesService)}
${file('/etc/systemd/system/dwcp-fetch.service', fetchService)}
${file('/etc/systemd/system/dwcp-fetch.timer', fetchTimer)}
runcmd:
- mkdir -pm 700 /opt/dwcp/releases
- systemctl daemon-reload
- systemctl enable --now --no-block dwcp-packages.service dwcp-fetch.timer
`;
}

/** The program as it lies on a gateway: what its comments say is in its source, and a byte is dear here. */
export const installedFetchProgram = fetchProgram.replace(/^(?: *#(?!!).*)?\n/gm, '');

/** An entry of `write_files` with its content as a literal block (YAML 1.2, 8.1.2). */
function file(path: string, content: string, permissions?: string): string {
  const mode = permissions === undefined ? '' : `  permissions: '${permissions}'\n`;
  const block = content.trimEnd().replace(/^(?=.)/gm, '   ');
  return `- path: ${path}\n${mode}  content: |\n${block}`;
}
