import type { SendCall } from './http-call';

/** Credentials of the instance's role. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** What an instance knows of itself (IMDSv2). */
export interface InstanceMetadata {
  /** Those of before, until five minutes before they expire. */
  credentials(): Promise<RoleCredentials>;
  /** Id of the interface that the instance was started with. It never changes, so it is asked for once. */
  interfaceId(): Promise<string>;
}

/** Link-local: answers come from the host below, within a millisecond or two. */
const deadlineMs = 1000;
const tokenSeconds = 21_600;
/** AWS renews credentials at least five minutes before the old ones expire. */
const earlyMs = 300_000;

/** @param endpoint `http://169.254.169.254`, or a stand-in. @param nowMs ms since 1970 in UTC. */
export function instanceMetadata(endpoint: string, send: SendCall, nowMs: () => number): InstanceMetadata {
  let token = { text: '', untilMs: -Infinity };
  let held: RoleCredentials | undefined;
  let ownInterface: string | undefined;
  const ask = async (path: string): Promise<string> => {
    if (nowMs() >= token.untilMs) {
      const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(tokenSeconds) };
      const url = new URL('/latest/api/token', endpoint);
      const { status, body } = await send({ method: 'PUT', url, headers }, deadlineMs);
      if (status !== 200) throw new Error(`the instance's metadata give no token (status ${status})`);
      token = { text: body, untilMs: nowMs() + (tokenSeconds * 1000) / 2 };
    }
    const url = new URL(`/latest/meta-data/${path}`, endpoint);
    const headers = { 'x-aws-ec2-metadata-token': token.text };
    const { status, body } = await send({ method: 'GET', url, headers }, deadlineMs);
    // A token may be forgotten early, with a move to another host.
    if (status === 401) token = { text: '', untilMs: -Infinity };
    if (status !== 200) throw new Error(`the instance's metadata have no ${path} (status ${status})`);
    return body.trim();
  };
  return {
    async credentials() {
      if (held && held.expiration.getTime() - earlyMs > nowMs()) return held;
      const folder = 'iam/security-credentials/';
      const role = (await ask(folder)).split('\n')[0];
      const raw = JSON.parse(await ask(folder + role)) as Record<string, unknown>;
      const text = (name: string) => {
        const value = raw[name];
        if (typeof value !== 'string' || value === '')
          throw new Error(`the role's credentials have no ${name}`);
        return value;
      };
      held = {
        accessKeyId: text('AccessKeyId'),
        secretAccessKey: text('SecretAccessKey'),
        sessionToken: text('Token'),
        expiration: new Date(text('Expiration')),
      };
      return held;
    },
    async interfaceId() {
      if (ownInterface === undefined) {
        const mac = await ask('mac');
        ownInterface = await ask(`network/interfaces/macs/${mac}/interface-id`);
      }
      return ownInterface;
    },
  };
}
