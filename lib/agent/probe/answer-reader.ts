import { setNtpTime, type NtpTime } from './ntp-time';
import type { ProbedSession } from './probed-session';
import type { Refusals } from './refusals';
import type { SessionBook } from './session-book';
import type { AnswerFields } from './session-record';
import { packetLengths, stretchOf, verifiesExtension } from './session-report';
import { authenticatedLayout, openLayout, type PacketLayout } from './stamp-packet';

/** An answer that was taken as one. One object, written over. */
export interface ReadAnswer {
  session: ProbedSession;
  /** Number of the probe that it answers. */
  probe: number;
  /** How many times longer than asked for the far end's intervals are; NaN: it does not say. */
  farStretch: number;
}

/** Reads answers, and counts what is none. */
export class AnswerReader {
  readonly fields: AnswerFields = {
    sequence: 0,
    reflectorSequence: 0,
    echoed: { seconds: 0, fraction: 0 },
    received: { seconds: 0, fraction: 0 },
    sent: { seconds: 0, fraction: 0 },
    error: 0,
  };
  readonly #book: SessionBook;
  readonly #refusals: Refusals;
  readonly #back: NtpTime = { seconds: 0, fraction: 0 };
  #answer: ReadAnswer | undefined;

  constructor(book: SessionBook, refusals: Refusals) {
    this.#book = book;
    this.#refusals = refusals;
  }

  /** @returns undefined: it answers none of our probes, or is not authentic. Valid until the next call. */
  tryRead(packet: Buffer, address: string): ReadAnswer | undefined {
    const refusals = this.#refusals;
    if (!packetLengths.includes(packet.length)) return void refusals.malformed++;
    const layout = packet.length === openLayout.bytes ? openLayout : authenticatedLayout;
    const p = this.#book.findBySsid(packet.readUInt16BE(layout.ssid));
    if (!p || p.layout !== layout || p.session.destination !== address) return void refusals.foreign++;
    this.#readFields(layout, packet);
    const probe = p.record.probeOf(this.fields);
    if (probe === -1) return void refusals.replayed++;
    const verify = p.signing?.verify.find((one) => one.verifies(packet, layout.hmac));
    if (p.signing && !verify) return void refusals.forged++;
    const told = packet.length > layout.bytes ? stretchOf(packet, layout) : p.farStretch;
    const news = told !== p.farStretch && verify && verifiesExtension(packet, layout, verify);
    const farStretch = news ? told : NaN;
    if (!this.#answer) return (this.#answer = { session: p, probe, farStretch });
    this.#answer.session = p;
    this.#answer.probe = probe;
    this.#answer.farStretch = farStretch;
    return this.#answer;
  }

  /**
   * Records what was read last.
   *
   * @param unixMs when it came
   * @param error the error estimate of this machine's clock
   * @param measures does its round trip say something of the path?
   * @returns the round trip, ms; NaN: not measured
   */
  record(
    { session, probe }: ReadAnswer,
    nowMs: number,
    unixMs: number,
    error: number,
    measures: boolean,
  ): number {
    setNtpTime(this.#back, unixMs);
    return session.record.answer(probe, this.fields, nowMs, this.#back, error, measures);
  }

  #readFields(layout: PacketLayout, packet: Buffer): void {
    const { fields } = this;
    fields.sequence = packet.readUInt32BE(layout.senderSequence);
    fields.reflectorSequence = packet.readUInt32BE(layout.sequence);
    fields.echoed.seconds = packet.readUInt32BE(layout.senderTimestamp);
    fields.echoed.fraction = packet.readUInt32BE(layout.senderTimestamp + 4);
    fields.received.seconds = packet.readUInt32BE(layout.receiveTimestamp);
    fields.received.fraction = packet.readUInt32BE(layout.receiveTimestamp + 4);
    fields.sent.seconds = packet.readUInt32BE(layout.timestamp);
    fields.sent.fraction = packet.readUInt32BE(layout.timestamp + 4);
    fields.error = packet.readUInt16BE(layout.error);
  }
}
