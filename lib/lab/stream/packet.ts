/** A datagram of a test stream: its stream, its place in it, and when it was sent. */
export interface StreamPacket {
  /** 0 to 2^32 - 1. */
  readonly stream: number;
  readonly sequence: number;
  /** CLOCK_MONOTONIC ms. */
  readonly sentMs: number;
}

/** Least bytes of the payload. */
export const packetBytes = 24;
/** What begins each: nothing else that gets to the port is taken for one. */
const magic = 0x64776370;

/** @param length of the payload, bytes; never less than `packetBytes`. */
export function encodePacket({ stream, sequence, sentMs }: StreamPacket, length = packetBytes): Buffer {
  const bytes = Buffer.alloc(Math.max(packetBytes, length));
  bytes.writeUInt32BE(magic, 0);
  bytes.writeUInt32BE(stream, 4);
  bytes.writeUInt32BE(sequence, 8);
  bytes.writeDoubleBE(sentMs, 12);
  bytes.writeUInt32BE(bytes.length, 20);
  return bytes;
}

/** Undefined: it is no packet of a test stream. */
export function tryDecodePacket(bytes: Buffer): StreamPacket | undefined {
  if (bytes.length < packetBytes || bytes.readUInt32BE(0) !== magic) return undefined;
  if (bytes.readUInt32BE(20) !== bytes.length) return undefined;
  const [stream, sequence] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8)];
  return { stream, sequence, sentMs: bytes.readDoubleBE(12) };
}
