import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OpenedKeyFile } from '../net/keys';
import { NotOurs, signManifests } from './sign-manifests';

/** Most bytes of a request: the manifests of 500 gateways take less than 1 MB. */
const mostBytes = 16 * 2 ** 20;

/** Signs for whoever can open the socket: this user, while `dwcp keys exec` runs. */
export interface SignSocket {
  readonly path: string;
  close(): void;
}

/**
 * Opens a socket in a new folder (mode 0700). A request is a JSON list of texts and the end of the
 * stream; the answer `{"signatures": [...]}` or `{"error": "..."}`.
 */
export async function openSignSocket(opened: OpenedKeyFile): Promise<SignSocket> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-sign-'));
  const file = path.join(folder, 'socket');
  const answer = (request: string): object => {
    try {
      const texts = JSON.parse(request) as unknown;
      if (!Array.isArray(texts) || texts.some((text) => typeof text !== 'string'))
        return { error: 'the request is not a list of texts' };
      return { signatures: signManifests(opened, texts as string[]) };
    } catch (error) {
      return { error: error instanceof NotOurs ? error.message : 'the request is not JSON' };
    }
  };
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const parts: Buffer[] = [];
    let size = 0;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (part: Buffer) => {
      size += part.length;
      if (size > mostBytes) socket.destroy();
      else parts.push(part);
    });
    socket.on('end', () => socket.end(JSON.stringify(answer(Buffer.concat(parts).toString('utf8')))));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(file, resolve);
  });
  return {
    path: file,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
