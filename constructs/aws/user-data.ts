import { fetchProgram, fetchService, fetchTimer } from './fetch-program';

/** What a gateway must know to fetch the rest. */
export interface Bootstrap {
  readonly gateway: string;
  /** AWS region code. */
  readonly region: string;
  readonly bucket: string;
  readonly folder: string;
  /** Name of its unsealing secret. */
  readonly secret: string;
}

/**
 * What cloud-init does at the first boot: it writes a small program with its timer, and starts the timer.
 * Below 4096 bytes for the longest names. Nothing here follows from the plan, and what installs a bundle
 * travels in the bundle, so that neither a new plan nor a new agent touches an instance. Terraform reads the
 * text as a template, so it has no shell parameter in braces and no percent sign before one.
 *
 * On the gateway: `/opt/dwcp/current` (the installed bundle, a link that is switched whole),
 * `/opt/dwcp/endpoints.json`, `/run/dwcp/unseal` (the unsealing secret, in memory only).
 */
export function userData(bootstrap: Bootstrap): string {
  const source = `AWS_DEFAULT_REGION=${bootstrap.region}
FROM=s3://${bootstrap.bucket}/${bootstrap.folder}
SECRET=${bootstrap.secret}
`;
  return `#cloud-config
# dwcp gateway ${bootstrap.gateway}
write_files:
${file('/etc/dwcp/source', source)}
${file('/usr/local/sbin/dwcp-fetch', fetchProgram, '0755')}
${file('/etc/systemd/system/dwcp-fetch.service', fetchService)}
${file('/etc/systemd/system/dwcp-fetch.timer', fetchTimer)}
runcmd:
- systemctl daemon-reload
- systemctl enable --now dwcp-fetch.timer
`;
}

/** An entry of `write_files` with its content as a literal block (YAML 1.2, 8.1.2). */
function file(path: string, content: string, permissions?: string): string {
  const mode = permissions === undefined ? '' : `  permissions: '${permissions}'\n`;
  const block = content.trimEnd().replace(/^(?=.)/gm, '    ');
  return `- path: ${path}\n${mode}  content: |\n${block}`;
}
