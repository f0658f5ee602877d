import { createHmac } from 'node:crypto';
import { hmacBytes, packetHmac, type PacketHmac } from '../packet-hmac';
import type { SessionKeys } from '../session';
import { authenticatedLayout } from '../stamp-packet';

/**
 * A probe that goes the way traffic goes: a STAMP packet of authenticated mode (RFC 8762) and three TLVs of
 * RFC 8972. The first, of a type for private use, names the address that the answer goes to, which is one
 * that the sender's control probes come from; the HMAC TLV (section 4.8) covers it; Extra Padding (section
 * 4.1) brings the packet to the size that is tried. An answer is the base packet alone.
 */
const layout = authenticatedLayout;
const tlvHeader = 4;
const answerToType = 253;
const answerToBytes = 16;
const hmacType = 8;
const paddingType = 1;
/** Length without padding. */
export const leastTrafficBytes = layout.bytes + tlvHeader + answerToBytes + tlvHeader + hmacBytes;
export const answerBytes = layout.bytes;

/** Headers of IP and UDP by family. */
export const trafficHeaders = { 4: 28, 6: 48 } as const;

/** The sequence number and the first TLV, which the HMAC TLV covers. Written over in each call. */
const coveredBytes = 4 + tlvHeader + answerToBytes;
const covered = Buffer.alloc(coveredBytes + hmacBytes);

/** Signs and verifies these packets: under keys that no control probe is signed with. */
export interface TrafficKeys {
  readonly probe: PacketHmac;
  readonly answer: PacketHmac;
}

export function trafficKeys(keys: SessionKeys): TrafficKeys {
  const derive = (key: Uint8Array) =>
    packetHmac(createHmac('sha256', key).update('dwcp traffic 1').digest(), layout.hmac);
  return { probe: derive(keys.probe), answer: derive(keys.answer) };
}

/**
 * Completes a probe, whose base packet stands but for its HMAC.
 *
 * @param packet zero where no field stands; its length is what is tried, less IP's and UDP's headers.
 * @param answerTo 16 octets.
 */
export function sealProbe(packet: Buffer, answerTo: Uint8Array, { probe }: TrafficKeys): void {
  let at: number = layout.bytes;
  const header = (type: number, bytes: number) => {
    packet[at + 1] = type;
    packet.writeUInt16BE(bytes, at + 2);
    at += tlvHeader;
  };
  header(answerToType, answerToBytes);
  packet.set(answerTo, at);
  at += answerToBytes;
  header(hmacType, hmacBytes);
  const hmacAt = at;
  at += hmacBytes;
  if (packet.length >= at + tlvHeader) header(paddingType, packet.length - at - tlvHeader);
  probe.sign(packet, layout.hmac);
  cover(packet);
  probe.sign(covered, coveredBytes);
  covered.copy(packet, hmacAt, coveredBytes);
}

/** Has a packet the shape of such a probe? What it says is not proven by that. */
export function isTrafficProbe(packet: Buffer): boolean {
  return (
    packet.length >= leastTrafficBytes &&
    packet[layout.bytes + 1] === answerToType &&
    packet.readUInt16BE(layout.bytes + 2) === answerToBytes
  );
}

/** Octets of the address that a probe wants its answer sent to. */
export function answerToOf(packet: Buffer): string {
  const at = layout.bytes + tlvHeader;
  return packet.toString('hex', at, at + answerToBytes);
}

/** Is the probe signed with the key, address and all? */
export function verifiesProbe(packet: Buffer, { probe }: TrafficKeys): boolean {
  if (!probe.verifies(packet, layout.hmac)) return false;
  cover(packet);
  packet.copy(covered, coveredBytes, leastTrafficBytes - hmacBytes, leastTrafficBytes);
  return probe.verifies(covered, coveredBytes);
}

function cover(packet: Buffer): void {
  packet.copy(covered, 0, layout.sequence, layout.sequence + 4);
  packet.copy(covered, 4, layout.bytes, layout.bytes + tlvHeader + answerToBytes);
}
