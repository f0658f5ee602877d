import { chmodSync, chownSync, lstatSync, mkdirSync, statSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import path from 'node:path';

/** Linux: sun_path of unix(7), less its terminating zero. */
const mostBytes = 107;

export interface SocketPlace {
  readonly file: string;
  /** Who may connect: the file's mode is the access control. Default 0660. */
  readonly mode?: number;
  /** Group id of the file. Default: that of the process. */
  readonly gid?: number;
  /** Connections that the kernel keeps until they are taken. Default: Node's. */
  readonly backlog?: number;
}

/**
 * Listens on a Unix socket, in a folder that is made if it is missing. A socket that nobody answers on is
 * left over from a killed agent and is replaced.
 *
 * @throws Error in one sentence: the path is too long, its folder may be written by anyone, something else
 *   stands there, or another agent listens.
 */
export async function listenOnSocket(
  server: Server,
  { file, mode = 0o660, gid, backlog }: SocketPlace,
): Promise<void> {
  const full = path.resolve(file);
  if (Buffer.byteLength(full) > mostBytes) throw new Error(`${full} is longer than ${mostBytes} bytes`);
  checkFolder(path.dirname(full));
  await clear(full);
  // Nobody gets in between listening and chmod.
  const umask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: full, backlog }, () => {
        server.off('error', reject);
        // Later faults, such as no file descriptor left for a client, are the client's.
        server.on('error', () => undefined);
        resolve();
      });
    });
  } finally {
    process.umask(umask);
  }
  if (gid !== undefined) chownSync(full, -1, gid);
  chmodSync(full, mode);
}

function checkFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { mode, uid } = statSync(folder);
  const own = process.getuid?.() ?? 0;
  if (uid !== 0 && uid !== own) throw new Error(`${folder} belongs to another user (${uid})`);
  const [writable, sticky] = [(mode & 0o002) !== 0, (mode & 0o1000) !== 0];
  if (writable && !sticky) throw new Error(`${folder} may be written by anyone: chmod o-w ${folder}`);
}

async function clear(file: string): Promise<void> {
  let found;
  try {
    found = lstatSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (!found.isSocket()) throw new Error(`${file} is there and is no socket: move it away`);
  if (await answers(file)) throw new Error(`another agent listens on ${file}`);
  unlinkSync(file);
}

/** Whether somebody listens. @throws Error where that cannot be found out. */
function answers(file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(file);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}
