/** Told where the work stands; must not change anything. */
export type Progress = (what: string, done?: number, total?: number) => void;
