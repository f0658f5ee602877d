import { planning } from '../planning-options';
import { instant, wholeNumber } from './arguments';
import type { Declare } from './declare';

/** Adds `dwcp calendar`. */
export const declareCalendar: Declare = (program, io, done) => {
  planning(program.command('calendar'))
    .description('when the windows of reservations open, in UTC and by their own clocks')
    .argument('<plan>', 'plan or description; - for standard input')
    .argument('[reservation]', 'reservation id (default: all)')
    .option('--from <time>', 'openings that end after it: a UTC date or an instant (default: now)', instant)
    .option('--until <time>', 'openings that begin before it: a UTC date or an instant', instant)
    .option('--count <n>', 'at most so many (default: 14, or all with --until)', wholeNumber)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Nights in which the clocks change are marked: an hour shorter or longer, or
closing at another hour. What a refused reservation asked for is listed too.`,
    )
    .action(async (file: string, reservation: string | undefined, options: object) => {
      const { calendarCommand } = await import('../calendar-command.js');
      done(calendarCommand(io, file, reservation, options));
    });
};
