"""Packets that no honest host sends: any source, any code point, any segments. Reads JSON, a list of bursts:
{ "source", "destination", "dscp", "port", "bytes", "count", "perSecond", "segments": [last first] }. With
segments the packet is wrapped in an IPv6 header to `destination` from `outer`, inside from `source` to `inner`."""
import ipaddress, json, socket, struct, sys, time


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(source, destination, dscp, port, size):
    s, d = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    length = 8 + size
    pseudo = s.packed + d.packed
    pseudo += struct.pack("!BBH", 0, 17, length) if s.version == 4 else struct.pack("!II", length, 17)
    header = struct.pack("!HHHH", 40000, port, length, 0)
    sum_ = checksum(pseudo + header + b"x" * size) or 0xFFFF
    body = struct.pack("!HHHH", 40000, port, length, sum_) + b"x" * size
    if s.version == 6:
        return ip6(source, destination, dscp, 17, body)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, dscp << 2, 20 + length, 1, 0, 64, 17, 0, s.packed, d.packed)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def ip6(source, destination, dscp, following, body):
    s, d = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    first = (6 << 28) | (dscp << 22)
    return struct.pack("!IHBB", first, len(body), following, 64) + s.packed + d.packed + body


def packet(burst):
    target = burst.get("inner", burst["destination"])
    inner = udp(burst["source"], target, burst.get("dscp", 0), burst["port"], burst.get("bytes", 64))
    if "outer" not in burst:
        return inner
    kind = 4 if inner[0] >> 4 == 4 else 41
    segments = burst["segments"]
    if not segments:
        return ip6(burst["outer"], burst["destination"], burst.get("dscp", 0), kind, inner)
    listed = b"".join(ipaddress.ip_address(s).packed for s in segments)
    # Reduced (RFC 8754 section 4.1.1): the first segment is the destination alone.
    route = struct.pack("!BBBBBBH", kind, len(listed) // 8, 4, len(segments), len(segments) - 1, 0, 0) + listed
    return ip6(burst["outer"], burst["destination"], burst.get("dscp", 0), 43, route + inner)


sockets = {}
for burst in json.load(sys.stdin):
    data = packet(burst)
    version = data[0] >> 4
    key = (version, burst.get("device"))
    if key not in sockets:
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        sockets[key] = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
        if burst.get("device"):
            sockets[key].setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, burst["device"].encode())
    to = burst["destination"]
    start, sent, failed = time.monotonic(), 0, 0
    while sent < burst["count"]:
        due = min(burst["count"], int((time.monotonic() - start) * burst["perSecond"]) + 1)
        while sent < due:
            try:
                sockets[key].sendto(data, (to, 0) if version == 4 else (to, 0, 0, 0))
            except OSError as error:
                failed += 1
                if failed == burst["count"]:
                    print(burst.get("port"), error, file=sys.stderr)
            sent += 1
        time.sleep(0.001)
