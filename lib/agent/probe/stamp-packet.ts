import type { NtpTime } from './ntp-time';

/**
 * Where the fields of STAMP packets lie, in octets from the start (RFC 8762 sections 4.2 and 4.3, with the
 * session identifier of RFC 8972 section 3). Probe and answer are equally long, so an answer never amplifies.
 */
export interface PacketLayout {
  readonly bytes: number;
  /** Of either packet: sequence number (4 octets), timestamp (8), error estimate (2), SSID (2). */
  readonly sequence: number;
  readonly timestamp: number;
  readonly error: number;
  readonly ssid: number;
  /** Of an answer: when the probe came (8), then what it said: sequence (4), time (8), error (2), TTL (1). */
  readonly receiveTimestamp: number;
  readonly senderSequence: number;
  readonly senderTimestamp: number;
  readonly senderError: number;
  readonly senderTtl: number;
  /** HMAC-SHA-256 of all before it, cut to 16 octets (section 4.4); equal to `bytes` where there is none. */
  readonly hmac: number;
}

/** Unauthenticated mode: 44 octets. */
export const openLayout: PacketLayout = {
  bytes: 44,
  sequence: 0,
  timestamp: 4,
  error: 12,
  ssid: 14,
  receiveTimestamp: 16,
  senderSequence: 24,
  senderTimestamp: 28,
  senderError: 36,
  senderTtl: 40,
  hmac: 44,
};

/** Authenticated mode: 112 octets. */
export const authenticatedLayout: PacketLayout = {
  bytes: 112,
  sequence: 0,
  timestamp: 16,
  error: 24,
  ssid: 26,
  receiveTimestamp: 32,
  senderSequence: 48,
  senderTimestamp: 64,
  senderError: 72,
  senderTtl: 80,
  hmac: 96,
};

/** Node cannot read the hop limit of what it receives; RFC 5357 section 4.2.1 then demands 255. */
const unknownTtl = 255;

/** Writes a probe without its HMAC. `packet` must be zero where no field stands. */
export function writeProbe(
  layout: PacketLayout,
  packet: Buffer,
  sequence: number,
  time: NtpTime,
  error: number,
  ssid: number,
): void {
  packet.writeUInt32BE(sequence, layout.sequence);
  packet.writeUInt32BE(time.seconds, layout.timestamp);
  packet.writeUInt32BE(time.fraction, layout.timestamp + 4);
  packet.writeUInt16BE(error, layout.error);
  packet.writeUInt16BE(ssid, layout.ssid);
}

/** What a reflector adds to a probe in its answer. */
export interface AnswerStamp {
  /** The reflector's own count of answers in this session (stateful mode). */
  sequence: number;
  readonly received: NtpTime;
  readonly sent: NtpTime;
  /** Error estimate of the reflector's clock. */
  readonly error: number;
}

/** Writes the answer to a probe without its HMAC. `answer` must be zero where no field stands. */
export function writeAnswer(
  layout: PacketLayout,
  answer: Buffer,
  probe: Buffer,
  { sequence, received, sent, error }: AnswerStamp,
): void {
  writeProbe(layout, answer, sequence, sent, error, probe.readUInt16BE(layout.ssid));
  answer.writeUInt32BE(received.seconds, layout.receiveTimestamp);
  answer.writeUInt32BE(received.fraction, layout.receiveTimestamp + 4);
  probe.copy(answer, layout.senderSequence, layout.sequence, layout.sequence + 4);
  probe.copy(answer, layout.senderTimestamp, layout.timestamp, layout.timestamp + 8);
  probe.copy(answer, layout.senderError, layout.error, layout.error + 2);
  answer[layout.senderTtl] = unknownTtl;
}
