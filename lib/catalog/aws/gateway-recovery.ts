const period = 60;
const instancePeriods = 3;
const restartSeconds = 180;

/**
 * How long workloads wait when a gateway in a cloud dies, and how often that is taken to happen. The periods
 * are those that the alarms are made with; AWS asks that a reboot waits for one more than a recovery, so that
 * the two never meet (Amazon EC2 user guide, "Create alarms that stop, terminate, reboot, or recover").
 */
export const gatewayRecovery = {
  periodSeconds: period,
  /** Failed periods until AWS moves the instance to another host. */
  systemPeriods: 2,
  /** Failed periods until AWS restarts its system. */
  instancePeriods,
  /** From the alarm to a gateway that forwards: assumed, for no provider states it. */
  restartSeconds,
  /** Another gateway of its region has taken over its routes: the most that the lab's test allows. */
  takeOverSeconds: 3,
  /**
   * A gateway is back by itself, at the latest: the slower of the two alarms, a period for the status to be
   * reported, and the restart.
   */
  backSeconds: (instancePeriods + 1) * period + restartSeconds,
  /** How often a gateway is taken to die. Assumed, and stated beside each figure that rests on it. */
  failuresPerYear: 1,
} as const;

/** Seconds of a year, as shares of time are counted. */
export const yearSeconds = 365.25 * 86_400;

/** What AWS does by itself about a dead gateway: an alarm of CloudWatch on a status check, and its action. */
export interface GatewayAlarm {
  /** In names of resources. */
  readonly name: 'system' | 'instance';
  /** Metric of `AWS/EC2`: 1 while the check fails. */
  readonly metric: string;
  /** Failed periods in a row. */
  readonly periods: number;
  /** What `arn:aws:automate:<region>:ec2:` ends with. */
  readonly action: 'recover' | 'reboot';
}

/** The alarms of each gateway. */
export const gatewayAlarms: readonly GatewayAlarm[] = [
  {
    name: 'system',
    metric: 'StatusCheckFailed_System',
    periods: gatewayRecovery.systemPeriods,
    action: 'recover',
  },
  {
    name: 'instance',
    metric: 'StatusCheckFailed_Instance',
    periods: gatewayRecovery.instancePeriods,
    action: 'reboot',
  },
];
