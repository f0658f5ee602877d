import { writeFileSync } from 'node:fs';

// Preloaded into measured programs: leaves the peak of the resident set behind.
process.on('exit', () => {
  if (process.env.DWCP_BENCH_PEAK)
    writeFileSync(process.env.DWCP_BENCH_PEAK, String(process.resourceUsage().maxRSS));
});
