import http from 'node:http';
import https from 'node:https';

/** One request of HTTP. */
export interface HttpCall {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a call and reads the answer whole. */
export type SendCall = (call: HttpCall, deadlineMs: number) => Promise<HttpAnswer>;

/** Most bytes of an answer; what the tables of a region hold needs a part of it. */
const mostBytes = 4 * 2 ** 20;

/** Connections that stay open save a handshake when it matters. */
const agents = {
  'http:': new http.Agent({ keepAlive: true, maxSockets: 8 }),
  'https:': new https.Agent({ keepAlive: true, maxSockets: 8 }),
} as const;

/**
 * Over HTTP or HTTPS as the address says. After `deadlineMs`, counted from the call to the last byte of the
 * answer, the socket is destroyed.
 *
 * @throws Error that names the host, if there is no whole answer in time.
 */
export const sendCall: SendCall = (call, deadlineMs) =>
  new Promise((resolve, reject) => {
    const { method, url, headers, body } = call;
    const secure = url.protocol === 'https:';
    const request = (secure ? https : http).request(url, {
      method,
      headers,
      agent: secure ? agents['https:'] : agents['http:'],
    });
    const fail = (why: string) => {
      clearTimeout(timer);
      request.destroy();
      reject(new Error(`${url.host}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${deadlineMs} ms`), deadlineMs);
    request.once('error', (error) => fail(error.message));
    request.once('response', (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > mostBytes) return fail(`more than ${mostBytes} bytes`);
        parts.push(part);
      });
      response.once('error', (error) => fail(error.message));
      response.once('end', () => {
        clearTimeout(timer);
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    request.end(body);
  });

/** Ends connections that wait for the next call: a program that holds one does not end. */
export function closeConnections(): void {
  agents['http:'].destroy();
  agents['https:'].destroy();
}
