import { cpus, totalmem } from 'node:os';
import { showTime } from './measure';
import { planningRooms } from './planning';
import { reservationYears } from './reservations';
import { probingRows } from './probing';
import { routeRooms } from './routes';
import { startUps } from './start-up';

/* eslint-disable no-console -- a program that prints a table */

const line = (cells: readonly string[], widths: readonly number[]) =>
  cells.map((c, i) => (i === 0 ? c.padEnd(widths[i]) : c.padStart(widths[i]))).join('  ');

console.log(`Node ${process.version}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`);
console.log('medians of interleaved runs; times in one run of this program compare, others may not\n');

const widths = [46, 10, 10, 10, 10];
console.log(line(['cold start', 'median', 'least', 'most', 'CPU', 'peak'], [...widths, 10]));
for (const s of startUps()) {
  console.log(
    line(
      [s.name, ...[s.medianMs, s.leastMs, s.mostMs, s.cpuMs].map(showTime), `${s.peakMb.toFixed(0)} MB`],
      [...widths, 10],
    ),
  );
}
for (const room of routeRooms()) {
  console.log(`\n${line([room.title, 'median', 'least', 'most', 'x ours'], widths)}`);
  for (const t of room.timings) {
    const ratio = (t.medianMs / room.timings[0].medianMs).toFixed(2);
    console.log(line([t.name, showTime(t.medianMs), showTime(t.leastMs), showTime(t.mostMs), ratio], widths));
  }
}

for (const { title, heads, rows, notes } of planningRooms()) {
  const longest = Math.max(title.length, ...rows.map(([name]) => name.length));
  const columns = [longest, ...heads.map((head) => Math.max(8, head.length))];
  console.log(`\n${line([title, ...heads], columns)}`);
  for (const row of rows) console.log(line(row, columns));
  for (const note of notes) console.log(note);
}

console.log(
  `\n${line(['100,000 reservations over a year, 197 nodes', 'a second', 'admitted', 'peak'], widths)}`,
);
for (const { model, perSecond, admitted, peakMb } of reservationYears()) {
  const figures = [perSecond, admitted].map((n) => Math.round(n).toLocaleString('en'));
  console.log(line([model, ...figures, `${peakMb.toFixed(0)} MB`], widths));
}

void probingRows().then((probing) => {
  console.log(`\n${line(['probing, each end for itself, at the default timing', 'figure'], [58, 32])}`);
  for (const row of probing) console.log(line([row.what, row.figure], [58, 32]));
});
