import { declareCalendar } from './declare-calendar';
import { declareCheck } from './declare-check';
import { declareDiff } from './declare-diff';
import { declareExplain } from './declare-explain';
import { declareFailures } from './declare-failures';
import { declareImport } from './declare-import';
import { declareInit } from './declare-init';
import { declareLab } from './declare-lab';
import { declareLock } from './declare-lock';
import { declareOps } from './declare-ops';
import { declarePlan } from './declare-plan';
import { declareSchema } from './declare-schema';
import { declareVerify } from './declare-verify';
import { declareVersion } from './declare-version';
import type { Declare } from './declare';

/** Every command but those that show the whole program, and keys, in the order of the help. */
export const commands: readonly Declare[] = [
  declareInit,
  declareCheck,
  declareImport,
  declarePlan,
  declareExplain,
  declareCalendar,
  declareVerify,
  declareFailures,
  declareDiff,
  declareSchema,
  declareLock,
  declareLab,
  declareOps,
  declareVersion,
];
