import { mostStretch } from './load-guard';
import { lossWindowProbes } from './loss-window';
import { hmacBytes, type PacketHmac } from './packet-hmac';
import type { Health } from './session';
import { authenticatedLayout, openLayout, type PacketLayout } from './stamp-packet';

/**
 * What one end of a way measures, told to the other with each probe: where both ends would probe the same
 * way, one does, and the other takes over what it says. One object, written over.
 */
export interface SessionReport {
  /** Undefined: nothing is known yet. */
  health: Health | undefined;
  /** Of the probes judged last, `lossWindowProbes` at most, so many were lost. */
  lost: number;
  /** How many times longer than asked for all its intervals are, see `LoadGuard`. */
  stretch: number;
  /** From one of its probes to the next, from now on, ms. */
  intervalMs: number;
  /** Of the newest answer, ms; NaN: not measured. */
  rttMs: number;
  /** Answers that it has received, modulo 2^32: one more than before says that `rttMs` is new. */
  received: number;
  /** Lost there and lost on the way back since the session began, modulo 2^32. */
  lostForward: number;
  lostBackward: number;
  jitterForwardMs: number;
  jitterBackwardMs: number;
  /** It restarts, and asks for patience for so long, ms; 0: it does not. */
  restartMs: number;
}

export function emptyReport(): SessionReport {
  return {
    health: undefined,
    lost: 0,
    stretch: 1,
    intervalMs: Infinity,
    rttMs: NaN,
    received: 0,
    lostForward: 0,
    lostBackward: 0,
    jitterForwardMs: 0,
    jitterBackwardMs: 0,
    restartMs: 0,
  };
}

/**
 * Two TLVs behind a probe of authenticated mode (RFC 8972 section 4): the report, of a type for private use,
 * and the HMAC TLV (section 4.8), which covers the probe's sequence number and all TLVs before it.
 *
 * The report's value, in octets: health (1; 0 unknown, 1 up, 2 degraded, 3 down), lost (1), stretch in
 * hundredths (2; in an answer that of the reflector, which is all that it changes), then four octets each,
 * unsigned: interval, round trip (all ones: none), answers received, lost there, lost on the way back, jitter
 * there and back; then the probe's own timestamp (8) and SSID (2), for the HMAC TLV covers no more of the
 * probe than its number, which other sessions have as well; then the notice of a restart (2), in hundredths
 * of a second, zero for none. Other times are whole microseconds.
 */
const header = 4;
const reportType = 252;
const reportBytes = 44;
/** Where the probe's timestamp stands in the value. */
const boundAt = 32;
/** Where the notice of a restart stands in it, and its unit, ms. */
const restartAt = 42;
const restartUnitMs = 10;
const hmacType = 8;
/** Octets that a report adds to a probe and to its answer. */
export const extensionBytes = header + reportBytes + header + hmacBytes;
/** Lengths of probes and answers: either mode, and authenticated with a report. */
export const packetLengths: readonly number[] = [
  openLayout.bytes,
  authenticatedLayout.bytes,
  authenticatedLayout.bytes + extensionBytes,
];
/** U: set by whoever sends a probe, cleared by a reflector that knows the type. */
const unrecognised = 0x80;

const healths: readonly (Health | undefined)[] = [undefined, 'up', 'degraded', 'down'];
const noTime = 0xffffffff;

/** The sequence number and the report: what the HMAC TLV covers. Written over in each call. */
const covered = Buffer.alloc(4 + header + reportBytes + hmacBytes);
const coveredBytes = 4 + header + reportBytes;

/** Writes the report of a probe, whose base packet stands complete but for its own HMAC. */
export function writeReport(packet: Buffer, layout: PacketLayout, report: SessionReport): void {
  const at = layout.bytes;
  packet[at] = unrecognised;
  packet[at + 1] = reportType;
  packet.writeUInt16BE(reportBytes, at + 2);
  const value = at + header;
  packet[value] = healths.indexOf(report.health);
  packet[value + 1] = report.lost;
  writeStretch(packet, layout, report.stretch);
  packet.writeUInt32BE(micros(report.intervalMs), value + 4);
  packet.writeUInt32BE(micros(report.rttMs), value + 8);
  packet.writeUInt32BE(report.received >>> 0, value + 12);
  packet.writeUInt32BE(report.lostForward >>> 0, value + 16);
  packet.writeUInt32BE(report.lostBackward >>> 0, value + 20);
  packet.writeUInt32BE(micros(report.jitterForwardMs), value + 24);
  packet.writeUInt32BE(micros(report.jitterBackwardMs), value + 28);
  packet.copy(packet, value + boundAt, layout.timestamp, layout.timestamp + 8);
  packet.copy(packet, value + boundAt + 8, layout.ssid, layout.ssid + 2);
  packet.writeUInt16BE(Math.min(0xffff, Math.ceil(report.restartMs / restartUnitMs)), value + restartAt);
  const hmac = value + reportBytes;
  packet[hmac] = unrecognised;
  packet[hmac + 1] = hmacType;
  packet.writeUInt16BE(hmacBytes, hmac + 2);
}

function writeStretch(packet: Buffer, layout: PacketLayout, stretch: number): void {
  packet.writeUInt16BE(Math.round(stretch * 100), layout.bytes + header + 2);
}

/** The stretch that a probe or an answer tells, 1 to 10. */
export function stretchOf(packet: Buffer, layout: PacketLayout): number {
  return Math.min(mostStretch, Math.max(1, packet.readUInt16BE(layout.bytes + header + 2) / 100));
}

/** Does a probe's report belong to this very probe? */
export function isBound(probe: Buffer, layout: PacketLayout): boolean {
  const at = layout.bytes + header + boundAt;
  return (
    probe.compare(probe, layout.timestamp, layout.timestamp + 8, at, at + 8) === 0 &&
    probe.readUInt16BE(at + 8) === probe.readUInt16BE(layout.ssid)
  );
}

/**
 * Copies a probe's TLVs behind its answer, as known (RFC 8972 section 4: the U flags are cleared).
 *
 * @param stretch the reflector's own.
 */
export function copyExtension(probe: Buffer, answer: Buffer, layout: PacketLayout, stretch: number): void {
  probe.copy(answer, layout.bytes, layout.bytes);
  answer[layout.bytes] &= ~unrecognised;
  answer[layout.bytes + header + reportBytes] &= ~unrecognised;
  writeStretch(answer, layout, stretch);
}

/** Writes the HMAC of the TLVs. */
export function signExtension(packet: Buffer, layout: PacketLayout, hmac: PacketHmac): void {
  cover(packet, layout);
  hmac.sign(covered, coveredBytes);
  covered.copy(packet, layout.bytes + extensionBytes - hmacBytes, coveredBytes);
}

/** Are these the two TLVs, signed with the key? */
export function verifiesExtension(packet: Buffer, layout: PacketLayout, hmac: PacketHmac): boolean {
  const at = layout.bytes;
  const second = at + header + reportBytes;
  const formed =
    packet[at + 1] === reportType &&
    packet.readUInt16BE(at + 2) === reportBytes &&
    packet[at + header] < healths.length &&
    packet[second + 1] === hmacType &&
    packet.readUInt16BE(second + 2) === hmacBytes;
  if (!formed) return false;
  cover(packet, layout);
  packet.copy(covered, coveredBytes, second + header);
  return hmac.verifies(covered, coveredBytes);
}

/** Reads a report that was verified. */
export function readReport(packet: Buffer, layout: PacketLayout, report: SessionReport): void {
  const value = layout.bytes + header;
  report.health = healths[packet[value]];
  report.lost = Math.min(packet[value + 1], lossWindowProbes);
  report.stretch = stretchOf(packet, layout);
  report.intervalMs = packet.readUInt32BE(value + 4) / 1000;
  const rtt = packet.readUInt32BE(value + 8);
  report.rttMs = rtt === noTime ? NaN : rtt / 1000;
  report.received = packet.readUInt32BE(value + 12);
  report.lostForward = packet.readUInt32BE(value + 16);
  report.lostBackward = packet.readUInt32BE(value + 20);
  report.jitterForwardMs = packet.readUInt32BE(value + 24) / 1000;
  report.jitterBackwardMs = packet.readUInt32BE(value + 28) / 1000;
  report.restartMs = packet.readUInt16BE(value + restartAt) * restartUnitMs;
}

function cover(packet: Buffer, layout: PacketLayout): void {
  packet.copy(covered, 0, layout.sequence, layout.sequence + 4);
  packet.copy(covered, 4, layout.bytes, layout.bytes + header + reportBytes);
}

/** Whole microseconds, as many as the field holds; all ones for none. */
function micros(ms: number): number {
  return Number.isNaN(ms) ? noTime : Math.min(noTime - 1, Math.max(0, Math.round(ms * 1000)));
}
