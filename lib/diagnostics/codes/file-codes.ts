import { rowsOf } from './code-text';

const row = rowsOf('files');
const restore = 'Restore the file from version control.';
const planAgain = 'Make the plan again: dwcp plan <description> --out plan.json.';

/** Codes about files, arguments and what commands are asked. */
export const fileCodes = {
  'calendar-order': row('The end of the time asked for is not after its beginning.', 'Give a later --until.'),
  'duplicate-key': row('A key stands twice in one map of a file.', 'Remove or rename one of the two.'),
  'empty-description': row('The description is empty.', "Write at least 'network:' and 'regions:'."),
  'file-busy': row(
    'Another dwcp is writing the same file.',
    'Wait until it has ended, and run the command again.',
  ),
  'file-too-large': row('The file is larger than this program reads.', 'Check that it is the right file.'),
  'file-unreadable': row('The file cannot be read.', 'Check its name, its folder and its permissions.'),
  'file-exists': row(
    'A file that a new project wants to write is there already.',
    'Name an empty or a new folder.',
  ),
  'file-unwritable': row('The file cannot be written.', 'Check the folder, the permissions and the disk.'),
  'graphml-unreadable': row(
    'The file is not GraphML of a single graph, or not well-formed XML.',
    'Give a file that a tool has written as GraphML.',
  ),
  'json-syntax': row('The file is not valid JSON.', 'Mend the JSON at the line that is named.'),
  'lock-clash': row(
    'Two entries of the lock file claim the same number, address or name.',
    'Take one of the ways out that the message names; dwcp lock merge avoids this when branches meet.',
  ),
  'lock-damaged': row('The lock file does not have the shape of one.', restore),
  'lock-doubled-key': row(
    'A key stands twice in the lock file.',
    'Merge the two sides with dwcp lock merge.',
  ),
  'lock-foreign': row('The lock file is that of another network.', 'Name the right lock file.'),
  'lock-frozen': row(
    'The lock file would change, and --frozen-lock forbids it.',
    'Plan without --frozen-lock, and commit the lock file.',
  ),
  'lock-out-of-range': row('A value of the lock file lies outside its range or pool.', restore),
  'lock-unreadable': row('The lock file is not JSON, or only half of it is there.', restore),
  'lock-version': row(
    'Another version of this program wrote the lock file in a format that this one does not read.',
    'Use the version that wrote it.',
  ),
  'merge-conflict': row('The file has markers of a merge conflict.', 'Resolve the conflict first.'),
  'not-a-plan': row('The file is not a plan, or neither a plan nor a description.', planAgain),
  'not-text': row('The file is not text.', 'Give a YAML or JSON file in UTF-8.'),
  'not-utf-8': row('The file is text in another encoding than UTF-8.', 'Save it as UTF-8.'),
  'out-refused': row(
    'The file named by --out would overwrite something that is not a plan.',
    "Give '--out' the name of a new file, or of a plan.",
  ),
  'plan-digest': row('The plan was changed after it was made: its digest does not match.', planAgain),
  'plan-foreign': row('The previous plan is that of another network.', 'Name the plan that was made last.'),
  'plan-unreadable': row('The plan is not JSON, or only half of it is there.', planAgain),
  'plan-version': row('The plan has a format that this program does not read.', planAgain),
  'plan-with-files': row(
    'A plan was given together with files that only a description needs.',
    'Give the description instead, or leave the files out.',
  ),
  'same-ends': row('Source and destination are the same region.', 'Name two different regions.'),
  tolerance: row(
    'The tolerance cannot be used as it is given.',
    "Give a share such as '5 %', with --previous.",
  ),
  'unknown-region': row(
    'A region is named that is not there.',
    'Check the spelling, or describe the region.',
  ),
  'unknown-reservation': row(
    'A reservation is named that is not there.',
    'Check the spelling, or leave it out for all reservations.',
  ),
  'yaml-alias': row('A YAML alias cannot be resolved, or stands for too much.', 'Write the value out.'),
  'yaml-syntax': row('The file is not valid YAML.', 'Mend the YAML at the line that is named.'),
};
