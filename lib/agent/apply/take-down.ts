import type { ApplyReport } from './apply';
import type { Host } from './host';

/** Removes everything that the agent made on the host, and nothing else. */
export function takeDown(_host: Host): Promise<ApplyReport> {
  return Promise.reject(new Error('takeDown is not built yet'));
}
