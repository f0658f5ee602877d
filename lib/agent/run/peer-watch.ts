/** How often WireGuard's peers are looked at, ms: one process each time. */
const periodMs = 1_000;
/** When one may have gone over to its next key, ms, and for how long so often. */
const hurriedMs = 20;
const hurryMs = 3_000;

/** Looks at WireGuard's peers again and again. */
export interface PeerWatch {
  /** Now, and often for a moment. */
  hurry(): void;
  stop(): void;
}

/** @param look never two at a time. */
export function startPeerWatch(look: () => Promise<void>, log: (message: string) => void): PeerWatch {
  let hurryUntil = 0;
  let looking = false;
  let stopped = false;
  let complaint = '';
  let timer = setTimeout(run, periodMs);
  function run(): void {
    looking = true;
    void look()
      .then(
        () => (complaint = ''),
        (error: unknown) => {
          const said = `looking at WireGuard's peers failed: ${String(error)}`;
          // Once, not each time.
          if (said !== complaint) log(said);
          complaint = said;
        },
      )
      .finally(() => {
        looking = false;
        if (!stopped) timer = setTimeout(run, performance.now() < hurryUntil ? hurriedMs : periodMs);
      });
  }
  return {
    hurry() {
      const calm = performance.now() >= hurryUntil;
      hurryUntil = performance.now() + hurryMs;
      if (!calm || looking || stopped) return;
      clearTimeout(timer);
      run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
