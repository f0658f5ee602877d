import { flowId, noImpairment, type Impairment, type Impairments } from './impairment';
import type { LabEnd, LabLayout } from './layout';

/** Packets that a delayed flow may hold: 100 Mbps of large packets for a second. */
const netemLimit = 10_000;
/** HTB only sorts packets into classes here; it must never be what slows them down. */
const classRate = '30gbit';

/** One direction of a tunnel at the device by which it leaves the underlay. */
interface NetemFlow {
  readonly id: string;
  readonly device: string;
  /** Number of its class below the device's root, from 1. */
  readonly number: number;
  readonly from: LabEnd;
  readonly to: LabEnd;
}

/**
 * Lines of tc(8) for the underlay: at the wire to each gateway an HTB class for every tunnel that ends there,
 * found by source address and both UDP ports (u32), and in it netem with the planned latency (tc-netem(8)).
 * What matches no class is not delayed.
 */
export function netemSetUp(layout: LabLayout): string[] {
  const address = new Map(layout.gateways.map((g) => [g.id, g.address]));
  const flows = netemFlows(layout);
  const roots = layout.gateways.map((g) => `qdisc add dev ${g.underlayDevice} root handle 1: htb`);
  const classes = flows.flatMap((flow) => {
    const { device, number, from, to } = flow;
    const match = [
      `match ip src ${address.get(from.gateway)}/32`,
      'match ip protocol 17 0xff',
      `match ip sport ${from.listenPort} 0xffff`,
      `match ip dport ${to.listenPort} 0xffff`,
    ];
    return [
      `class add dev ${device} parent 1: classid ${classId(flow)} htb rate ${classRate} quantum 60000`,
      `qdisc add dev ${device} parent ${classId(flow)} handle ${(0x100 + number).toString(16)}: ${netem(flow, noImpairment)}`,
      `filter add dev ${device} parent 1: protocol ip prio 1 u32 ${match.join(' ')} flowid ${classId(flow)}`,
    ];
  });
  return [...roots, ...classes];
}

/** Lines of tc(8) that bring every flow to what its impairment, or none, makes of it. */
export function netemChange(layout: LabLayout, impairments: Impairments): string[] {
  return netemFlows(layout).map(
    (flow) =>
      `qdisc change dev ${flow.device} parent ${classId(flow)} handle ${(0x100 + flow.number).toString(16)}: ` +
      netem(flow, impairments.get(flow.id) ?? noImpairment),
  );
}

function netemFlows({ gateways, tunnels }: LabLayout): NetemFlow[] {
  const device = new Map(gateways.map((g) => [g.id, g.underlayDevice]));
  const used = new Map<string, number>();
  return tunnels.flatMap((tunnel) =>
    ([0, 1] as const).map((side) => {
      const [from, to] = [tunnel.ends[side], tunnel.ends[1 - side]];
      const number = (used.get(to.gateway) ?? 0) + 1;
      used.set(to.gateway, number);
      return { id: flowId(tunnel, side), device: device.get(to.gateway)!, number, from, to };
    }),
  );
}

/** Class numbers are hexadecimal (tc(8)). */
function classId({ number }: NetemFlow): string {
  return `1:${number.toString(16)}`;
}

function netem({ from }: NetemFlow, { blackhole, lossRatio, extraMs }: Impairment): string {
  const us = Math.round((from.latencyMs + extraMs) * 1000);
  const percent = blackhole ? 100 : Number((lossRatio * 100).toFixed(4));
  return `netem limit ${netemLimit} delay ${us}us loss ${percent}%`;
}
