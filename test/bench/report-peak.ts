import { writeFileSync } from 'node:fs';

// Preloaded into measured programs: leaves the peak of the resident set and the CPU time behind.
process.on('exit', () => {
  if (!process.env.DWCP_BENCH_PEAK) return;
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { maxRssKb: maxRSS, cpuUs: userCPUTime + systemCPUTime };
  writeFileSync(process.env.DWCP_BENCH_PEAK, JSON.stringify(usage));
});
