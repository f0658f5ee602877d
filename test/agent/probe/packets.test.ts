import { createHmac } from 'node:crypto';
import {
  errorEstimate,
  ntpElapsedMs,
  setNtpTime,
  tryErrorSeconds,
  unixMsOf,
} from '../../../lib/agent/probe/ntp-time';
import { packetHmac } from '../../../lib/agent/probe/packet-hmac';
import {
  authenticatedLayout,
  openLayout,
  writeAnswer,
  writeProbe,
} from '../../../lib/agent/probe/stamp-packet';
import { seeded } from '../../support/random-seeded';

/** A packet written out field by field, as in RFC 8762 sections 4.2 and 4.3 and RFC 8972 section 3. */
function packet(...fields: readonly (readonly [name: string, hex: string])[]): Buffer {
  return Buffer.concat(fields.map(([, hex]) => Buffer.from(hex.replaceAll(' ', ''), 'hex')));
}

const zeros = (octets: number) => '00'.repeat(octets);

// 2026-11-25 12:00:00.5 UTC: 4004596800 s since 1900, half of 2^32.
const t1 = { seconds: 0xeeb14c40, fraction: 0x80000000 };
const t2 = { seconds: 0xeeb14c40, fraction: 0x8a3d70a4 };
const t3 = { seconds: 0xeeb14c40, fraction: 0x8a47ae14 };

describe('a STAMP packet', () => {
  test('of a sender in unauthenticated mode is that of RFC 8762 section 4.2.1 with an SSID', () => {
    const golden = packet(
      ['sequence number', '00 00 00 2a'],
      ['timestamp', 'ee b1 4c 40 80 00 00 00'],
      ['error estimate: S, scale 20, multiplier 3', '94 03'],
      ['SSID', 'be ef'],
      ['must be zero', zeros(28)],
    );
    const written = Buffer.alloc(openLayout.bytes);
    writeProbe(openLayout, written, 42, t1, 0x9403, 0xbeef);
    expect(written.toString('hex')).toBe(golden.toString('hex'));
  });

  test('of a reflector in unauthenticated mode is that of RFC 8762 section 4.3.1 with an SSID', () => {
    const probe = Buffer.alloc(openLayout.bytes);
    writeProbe(openLayout, probe, 42, t1, 0x9403, 0xbeef);
    const golden = packet(
      ['sequence number', '00 00 00 29'],
      ['timestamp', 'ee b1 4c 40 8a 47 ae 14'],
      ['error estimate: no S, scale 63, multiplier 255', '3f ff'],
      ['SSID', 'be ef'],
      ['receive timestamp', 'ee b1 4c 40 8a 3d 70 a4'],
      ['session-sender sequence number', '00 00 00 2a'],
      ['session-sender timestamp', 'ee b1 4c 40 80 00 00 00'],
      ['session-sender error estimate', '94 03'],
      ['must be zero', zeros(2)],
      ['session-sender TTL', 'ff'],
      ['must be zero', zeros(3)],
    );
    const written = Buffer.alloc(openLayout.bytes);
    writeAnswer(openLayout, written, probe, { sequence: 41, received: t2, sent: t3, error: 0x3fff });
    expect(written.toString('hex')).toBe(golden.toString('hex'));
  });

  const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
  const mac = (text: Buffer) =>
    createHmac('sha256', key).update(text).digest().subarray(0, 16).toString('hex');

  test('of a sender in authenticated mode is that of RFC 8762 section 4.2.2 with an SSID', () => {
    const covered = packet(
      ['sequence number', 'ff ff ff ff'],
      ['must be zero', zeros(12)],
      ['timestamp', 'ee b1 4c 40 80 00 00 00'],
      ['error estimate', '94 03'],
      ['SSID', '00 01'],
      ['must be zero', zeros(68)],
    );
    expect(covered).toHaveLength(96);
    const written = Buffer.alloc(authenticatedLayout.bytes);
    writeProbe(authenticatedLayout, written, 0xffffffff, t1, 0x9403, 1);
    packetHmac(key, 96).sign(written, 96);
    expect(written.toString('hex')).toBe(covered.toString('hex') + mac(covered));
    // Once by hand, so that both sides above cannot be wrong alike: Python's hmac module.
    expect(mac(covered)).toBe('78e55643d5d32af1da331610c2bf43b6');
  });

  test('of a reflector in authenticated mode is that of RFC 8762 section 4.3.2 with an SSID', () => {
    const probe = Buffer.alloc(authenticatedLayout.bytes);
    writeProbe(authenticatedLayout, probe, 42, t1, 0x9403, 0xbeef);
    const covered = packet(
      ['sequence number', '00 00 00 29'],
      ['must be zero', zeros(12)],
      ['timestamp', 'ee b1 4c 40 8a 47 ae 14'],
      ['error estimate', '3f ff'],
      ['SSID', 'be ef'],
      ['must be zero', zeros(4)],
      ['receive timestamp', 'ee b1 4c 40 8a 3d 70 a4'],
      ['must be zero', zeros(8)],
      ['session-sender sequence number', '00 00 00 2a'],
      ['must be zero', zeros(12)],
      ['session-sender timestamp', 'ee b1 4c 40 80 00 00 00'],
      ['session-sender error estimate', '94 03'],
      ['must be zero', zeros(6)],
      ['session-sender TTL', 'ff'],
      ['must be zero', zeros(15)],
    );
    expect(covered).toHaveLength(96);
    const written = Buffer.alloc(authenticatedLayout.bytes);
    writeAnswer(authenticatedLayout, written, probe, { sequence: 41, received: t2, sent: t3, error: 0x3fff });
    packetHmac(key, 96).sign(written, 96);
    expect(written.toString('hex')).toBe(covered.toString('hex') + mac(covered));
  });

  test('is as long as its answer in either mode, so that a reflector cannot amplify', () => {
    expect([openLayout.bytes, authenticatedLayout.bytes]).toEqual([44, 112]);
  });
});

describe('an HMAC', () => {
  // The one-shot digest is newer than Node 18, which must give the same.
  const ways = [
    ['by the one-shot digest', undefined],
    ['by an object a packet, as on Node 18', null],
  ] as const;

  test.each(ways)('%s is RFC 4231 test case 5, truncated to 16 octets', (_way, hash) => {
    const key = Buffer.alloc(20, 0x0c);
    const text = Buffer.from('Test With Truncation');
    const signed = Buffer.alloc(text.length + 16);
    text.copy(signed);
    packetHmac(key, text.length, hash).sign(signed, text.length);
    expect(signed.subarray(text.length).toString('hex')).toBe('a3b6167473100ee06e0c796c2955552b');
    expect(packetHmac(key, text.length, hash).verifies(signed, text.length)).toBe(true);
  });

  test('does not verify when any bit of the packet, or the key, is another', () => {
    const key = Buffer.alloc(32, 3);
    const hmac = packetHmac(key, 96);
    const random = seeded(8762);
    const signed = Buffer.from(Array.from({ length: 112 }, () => random.whole(0, 255)));
    hmac.sign(signed, 96);
    for (let bit = 0; bit < 112 * 8; bit++) {
      signed[bit >> 3] ^= 1 << (bit & 7);
      expect(hmac.verifies(signed, 96)).toBe(false);
      signed[bit >> 3] ^= 1 << (bit & 7);
    }
    expect(hmac.verifies(signed, 96)).toBe(true);
    expect(packetHmac(Buffer.alloc(32, 4), 96).verifies(signed, 96)).toBe(false);
    expect(() => packetHmac(Buffer.alloc(15), 96)).toThrow(RangeError);
  });
});

describe('an NTP timestamp', () => {
  test('counts seconds since 1900 and fractions of 2^-32 s', () => {
    const time = { seconds: 0, fraction: 0 };
    setNtpTime(time, Date.UTC(1970, 0, 1));
    expect(time).toEqual({ seconds: 2208988800, fraction: 0 });
    setNtpTime(time, Date.UTC(2026, 10, 25, 12, 0, 0, 500));
    expect(time).toEqual(t1);
  });

  test('goes on into the era that begins in 2036', () => {
    const time = { seconds: 0, fraction: 0 };
    const rollover = Date.UTC(2036, 1, 7, 6, 28, 16);
    setNtpTime(time, rollover - 1);
    expect(time.seconds).toBe(0xffffffff);
    setNtpTime(time, rollover);
    expect(time).toEqual({ seconds: 0, fraction: 0 });
    expect(unixMsOf(0, 0)).toBe(rollover);
    expect(ntpElapsedMs(0xffffffff, 0x80000000, 0, 0x40000000)).toBe(750);
  });

  test('reads back to within a microsecond, at any instant of either era', () => {
    const seed = 5905;
    const random = seeded(seed);
    const time = { seconds: 0, fraction: 0 };
    for (let i = 0; i < 10_000; i++) {
      const ms = Date.UTC(1970, 0, 1) + random.next() * (Date.UTC(2100, 0, 1) - Date.UTC(1970, 0, 1));
      setNtpTime(time, ms);
      expect(Math.abs(unixMsOf(time.seconds, time.fraction) - ms)).toBeLessThan(0.001);
    }
  });
});

describe('an error estimate', () => {
  test('is multiplier x 2^(scale - 32) seconds, never less than the error, and its multiplier is never zero', () => {
    for (const seconds of [0, 1e-9, 1e-6, 0.00025, 0.001, 0.1, 1, 60]) {
      const estimate = errorEstimate(seconds);
      expect(estimate & 0x8000).toBe(0x8000);
      expect(estimate & 0x4000).toBe(0);
      expect(estimate & 0xff).toBeGreaterThan(0);
      expect(tryErrorSeconds(estimate)!).toBeGreaterThanOrEqual(seconds);
      expect(tryErrorSeconds(estimate)!).toBeLessThanOrEqual(seconds * 1.02 + 2 ** -32);
    }
  });

  test('of a clock that is not synchronised, or with multiplier zero, gives no error', () => {
    expect(tryErrorSeconds(errorEstimate(null))).toBeNull();
    expect(tryErrorSeconds(0x9400)).toBeNull();
  });
});
