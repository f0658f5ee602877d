import { classFacts, qosClasses, type QosClass } from '../model';

/**
 * UDP and TCP destination ports by which the lab's workloads say what class they are: a program that cannot
 * set a code point takes a port of its class. Each class has `portsPerClass` of them.
 */
const firstPort = 17_700;
export const portsPerClass = 10;

/** The first port of a class. */
export function classPort(qos: QosClass): number {
  return firstPort + portsPerClass * qosClasses.indexOf(qos);
}

/** The first of each class, where test streams arrive; the others are for programs of the user. */
export const streamPorts: readonly number[] = qosClasses.map(classPort);

/** nftables script for a region's namespace: gives what goes to such ports the class's code point. */
export function classMarks(): string {
  const marked = qosClasses.filter((qos) => classFacts[qos].dscp > 0);
  const rules = marked.flatMap((qos) => {
    const first = classPort(qos);
    const ports = `${first}-${first + portsPerClass - 1}`;
    return ['ip', 'ip6'].map(
      (family) =>
        `    meta l4proto { tcp, udp } th dport ${ports} ${family} dscp set ${classFacts[qos].dscp}`,
    );
  });
  return `table inet classes {
  chain output {
    type filter hook output priority mangle; policy accept;
${rules.join('\n')}
  }
}
`;
}
