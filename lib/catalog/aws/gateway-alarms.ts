/** Period of the alarms, s. */
export const alarmPeriodSeconds = 60;

/** From the alarm to a gateway that forwards, s: assumed, for no provider states it. */
const restartSeconds = 180;

/** An alarm of CloudWatch on a status check, and the action by which AWS brings a dead gateway back. */
export interface GatewayAlarm {
  /** In names of resources. */
  readonly name: 'system' | 'instance';
  /** Metric of `AWS/EC2`: 1 while the check fails. */
  readonly metric: string;
  /** Failed periods in a row. */
  readonly periods: number;
  /** The end of `arn:aws:automate:<region>:ec2:`. */
  readonly action: 'recover' | 'reboot';
}

/**
 * The alarms of each gateway: the first moves it to another host, the second restarts its system. AWS asks
 * that a reboot waits for one period more than a recovery, so that the two never meet (Amazon EC2 user
 * guide, "Create alarms that stop, terminate, reboot, or recover").
 */
export const gatewayAlarms: readonly GatewayAlarm[] = [
  { name: 'system', metric: 'StatusCheckFailed_System', periods: 2, action: 'recover' },
  { name: 'instance', metric: 'StatusCheckFailed_Instance', periods: 3, action: 'reboot' },
];

/**
 * A gateway is back by itself after so many seconds at the latest: the slower of the two alarms, a period for
 * the status to be reported, and the restart.
 */
export const gatewayBackSeconds =
  (Math.max(...gatewayAlarms.map(({ periods }) => periods)) + 1) * alarmPeriodSeconds + restartSeconds;
