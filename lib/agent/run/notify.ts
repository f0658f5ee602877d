import { writeSync } from 'node:fs';

/** Tells systemd how the agent is (sd_notify(3)). */
export interface Notifier {
  /** The plan is applied. */
  ready(): void;
  stopping(): void;
  /** Still alive; to be called several times within `watchdogMs`. */
  alive(): void;
  /** Silence after which systemd starts the agent anew, ms; null: it does not watch. */
  readonly watchdogMs: number | null;
}

/**
 * Node has no sockets of datagrams in the Unix domain. The unit connects one before it runs node, whose
 * number is in `DWCP_NOTIFY_FD`: a message is one write(2), from the main process itself.
 */
export function notifier(env: NodeJS.ProcessEnv = process.env): Notifier {
  const fd = Number(env.DWCP_NOTIFY_FD);
  const watchdogUs = Number(env.WATCHDOG_USEC);
  const say = (state: string) => {
    if (!(fd > 2)) return;
    try {
      writeSync(fd, state);
    } catch {
      // Its queue is full, or systemd starts anew: the next one tells the same.
    }
  };
  return {
    ready: () => say('READY=1'),
    stopping: () => say('STOPPING=1'),
    alive: () => say('WATCHDOG=1'),
    watchdogMs: fd > 2 && watchdogUs > 0 ? watchdogUs / 1000 : null,
  };
}
