/** One file of the agent's own: could it be written the last time? */
export interface Keeping {
  readonly file: string;
  /** Failed attempts since the agent began. */
  readonly failures: number;
  /** What the system said; null: it is written. */
  readonly fault: string | null;
}

/** Places to listen at, which may be taken or have no room. */
const opened: readonly string[] = ['metrics', 'agent.sock'];

/** `applied.json cannot be written: ENOSPC ...`. */
export function faultText(file: string, fault: string): string {
  const done = opened.includes(file) ? 'opened' : file === 'webhooks' ? 'read' : 'written';
  return `${file} cannot be ${done}: ${fault}`;
}

/** Writes what is to outlive the agent. Nothing that forwards depends on it. */
export interface StateKeeper {
  /** Writes it now, or later: what fails is tried again by `retry`, until another content takes its place. */
  keep(file: string, write: () => void): void;
  /** Takes note of a file that somebody else writes. @param error null: it was written. */
  note(file: string, error: Error | null): void;
  retry(): void;
  readonly all: readonly Keeping[];
}

/**
 * A full or read-only disk, a folder that is gone, no file descriptor left: the agent goes on with what it
 * has in memory, says so once, and says when it is over.
 */
export function stateKeeper(tell: (file: string, fault: string | null) => void): StateKeeper {
  const failures = new Map<string, number>();
  const faults = new Map<string, string>();
  const waiting = new Map<string, () => void>();

  function note(file: string, error: Error | null): void {
    const before = faults.get(file);
    if (error === null) {
      failures.set(file, failures.get(file) ?? 0);
      faults.delete(file);
      if (before !== undefined) tell(file, null);
      return;
    }
    failures.set(file, (failures.get(file) ?? 0) + 1);
    faults.set(file, error.message);
    if (before === undefined) tell(file, error.message);
  }

  function keep(file: string, write: () => void): void {
    waiting.delete(file);
    try {
      write();
      note(file, null);
    } catch (error) {
      waiting.set(file, write);
      note(file, error instanceof Error ? error : new Error(String(error)));
    }
  }

  return {
    keep,
    note,
    retry() {
      for (const [file, write] of [...waiting]) keep(file, write);
    },
    get all() {
      return [...failures].map(([file, count]) => ({
        file,
        failures: count,
        fault: faults.get(file) ?? null,
      }));
    },
  };
}

const wants: readonly string[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'EIO', 'ENOENT'];

/** A fault of the disk or of the machine that may pass, not of who asks. */
export function isForWantOfRoom(error: unknown): boolean {
  return wants.includes(String((error as NodeJS.ErrnoException).code));
}
