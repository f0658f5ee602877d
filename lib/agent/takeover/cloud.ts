import type { LeaseStore } from './lease';
import type { RouteTables } from './route-tables';

/** What of a cloud take-over needs. */
export interface Cloud {
  readonly tables: RouteTables;
  readonly lease: LeaseStore;
  /** Text of `route-tables.json` as the deployment wrote it; null: it wrote none. */
  deployed(): Promise<string | null>;
  /** Id of this gateway's own interface, by the cloud itself. */
  ownInterface(): Promise<string>;
  /** Ends what is open. */
  close(): void;
}
