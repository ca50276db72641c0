#!/usr/bin/env python3
"""Counts the SPICE messages of an unencrypted capture, per channel and direction, exactly (tshark's dissector loses
its place on the client's side after AGENT_DATA and KEY_SCANCODE). Standard library only; reads pcapng of lo, and the client's
own files, pcapng and classic pcap: one channel each, one TCP stream for each time that the channel was linked.

  ./pcap-spice.py FILE PORT                  the table
  ./pcap-spice.py FILE PORT --dump FOLDER    and the raw bytes of each TCP direction: display-0.server.bin, ...
                                             (from the link message on): replay them in tests

A hole in a direction ends the counting there, because nobody knows where the next message starts; except in the client's own files,
where whole messages are missing and the bytes after the hole start with a header. Holes are told on stderr.
"""
import argparse, collections, mmap, os, struct, sys

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("file")
ap.add_argument("port", type=int)
ap.add_argument("--dump")
args = ap.parse_args()

CHANNELS = {1: "main", 2: "display", 3: "inputs", 4: "cursor", 5: "playback", 6: "record", 8: "smartcard", 9: "usbredir", 10: "port", 11: "webdav"}
def names(first, words): return dict(enumerate(words.split(), first))
VMC = (names(101, "DATA COMPRESSED_DATA"), names(101, "DATA COMPRESSED_DATA"))
PORT = ({**VMC[0], **names(201, "PORT_INIT PORT_EVENT")}, {**VMC[1], **names(201, "PORT_EVENT")})
COMMON = (names(1, "MIGRATE MIGRATE_DATA SET_ACK PING WAIT_FOR_CHANNELS DISCONNECTING NOTIFY LIST"),
          names(1, "ACK_SYNC ACK PONG MIGRATE_FLUSH_MARK MIGRATE_DATA DISCONNECTING"))
MESSAGES = {  # channel: (from the server, from the client)
    "main": (names(101, "MIGRATE_BEGIN MIGRATE_CANCEL INIT CHANNELS_LIST MOUSE_MODE MULTI_MEDIA_TIME AGENT_CONNECTED AGENT_DISCONNECTED "
                        "AGENT_DATA AGENT_TOKEN MIGRATE_SWITCH_HOST MIGRATE_END NAME UUID AGENT_CONNECTED_TOKENS MIGRATE_BEGIN_SEAMLESS "
                        "MIGRATE_DST_SEAMLESS_ACK MIGRATE_DST_SEAMLESS_NACK"),
             names(101, "CLIENT_INFO MIGRATE_CONNECTED MIGRATE_CONNECT_ERROR ATTACH_CHANNELS MOUSE_MODE_REQUEST AGENT_START AGENT_DATA "
                        "AGENT_TOKEN MIGRATE_END MIGRATE_DST_DO_SEAMLESS MIGRATE_CONNECTED_SEAMLESS QUALITY_INDICATOR")),
    "display": ({**names(101, "MODE MARK RESET COPY_BITS INVAL_LIST INVAL_ALL_PIXMAPS INVAL_PALETTE INVAL_ALL_PALETTES"),
                 **names(122, "STREAM_CREATE STREAM_DATA STREAM_CLIP STREAM_DESTROY STREAM_DESTROY_ALL"),
                 **names(302, "DRAW_FILL DRAW_OPAQUE DRAW_COPY DRAW_BLEND DRAW_BLACKNESS DRAW_WHITENESS DRAW_INVERS DRAW_ROP3 DRAW_STROKE "
                              "DRAW_TEXT DRAW_TRANSPARENT DRAW_ALPHA_BLEND SURFACE_CREATE SURFACE_DESTROY STREAM_DATA_SIZED MONITORS_CONFIG "
                              "DRAW_COMPOSITE STREAM_ACTIVATE_REPORT GL_SCANOUT_UNIX GL_DRAW QUALITY_INDICATOR")},
                names(101, "INIT STREAM_REPORT PREFERRED_COMPRESSION GL_DRAW_DONE PREFERRED_VIDEO_CODEC_TYPE")),
    "inputs": ({**names(101, "INIT KEY_MODIFIERS"), 111: "MOUSE_MOTION_ACK"},
               {**names(101, "KEY_DOWN KEY_UP KEY_MODIFIERS KEY_SCANCODE"), **names(111, "MOUSE_MOTION MOUSE_POSITION MOUSE_PRESS MOUSE_RELEASE")}),
    "cursor": (names(101, "INIT RESET SET MOVE HIDE TRAIL INVAL_ONE INVAL_ALL"), {}),
    "playback": (names(101, "DATA MODE START STOP VOLUME MUTE LATENCY"), {}),
    "record": (names(101, "START STOP VOLUME MUTE"), names(101, "DATA MODE START_MARK")),
    "usbredir": VMC, "smartcard": VMC, "port": PORT, "webdav": PORT,
}
AGENT = names(1, "MOUSE_STATE MONITORS_CONFIG REPLY CLIPBOARD DISPLAY_CONFIG ANNOUNCE_CAPABILITIES CLIPBOARD_GRAB CLIPBOARD_REQUEST "
                 "CLIPBOARD_RELEASE FILE_XFER_START FILE_XFER_STATUS FILE_XFER_DATA CLIENT_DISCONNECTED MAX_CLIPBOARD AUDIO_VOLUME_SYNC "
                 "GRAPHICS_DEVICE_INFO")


def packets_of_pcapng(data):
    at = 0
    while at + 12 <= len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if at + length > len(data):
            print("the file ends inside a block", file=sys.stderr)
            return
        if length < 12 or struct.unpack_from("<I", data, at + length - 4)[0] != length:
            sys.exit("a block with two lengths, %d bytes into the file" % at)
        if kind == 6:  # enhanced packet block
            captured = struct.unpack_from("<I", data, at + 20)[0]
            yield data[at + 28:at + 28 + captured]
        at += length


def packets_of_pcap(data, order):
    snap, link_type = struct.unpack_from(order + "II", data, 16)
    if link_type != 1:
        sys.exit("link type %d is not Ethernet" % link_type)
    at = 24
    while at + 16 <= len(data):
        captured, length = struct.unpack_from(order + "II", data, at + 8)
        if captured > snap or captured != length:
            sys.exit("a packet of %d bytes, %d captured, snap length %d" % (length, captured, snap))
        if at + 16 + captured > len(data):
            print("the file ends inside a packet", file=sys.stderr)
            return
        yield data[at + 16:at + 16 + captured]
        at += 16 + captured


def segments(packets):  # Ethernet, IPv4, TCP -> (source port, destination port, seq, payload, flags)
    for packet in packets:
        if packet[12:14] == b"\x08\x00" and packet[23] == 6:
            ip = 14 + (packet[14] & 15) * 4
            total = struct.unpack_from(">H", packet, 16)[0] or len(packet) - 14  # 0: segmentation offload
            source, target, seq = struct.unpack_from(">HHI", packet, ip)
            yield source, target, seq, packet[ip + (packet[ip + 12] >> 4) * 4:14 + total], packet[ip + 13]


with open(args.file, "rb") as f:
    # Mapped, not read: a capture may be larger than the memory.
    data = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) if os.path.getsize(args.file) else b""
ORDERS = {b"\xa1\xb2\xc3\xd4": ">", b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">", b"\x4d\x3c\xb2\xa1": "<"}
order = ORDERS.get(data[:4])
classic = order is not None
# The application's name stands in the first block.
own = classic or b"ryll-actors" in data[:1024]

streams = collections.OrderedDict()  # ((client port, nth connection), from client?) -> {offset: payload}
first, last, opening, connections = {}, {}, {}, collections.Counter()
for source, target, seq, payload, flags in segments(packets_of_pcap(data, order) if classic else packets_of_pcapng(data)):
    from_client = target == args.port
    port = source if from_client else target
    # A SYN that comes twice before any data is the same connection.
    if flags & 2 and from_client and (opening.get(port) != seq or ((port, connections[port]), True) in streams):
        opening[port] = seq
        connections[port] += 1
    if flags & 2:
        first[(port, connections[port]), from_client] = last[(port, connections[port]), from_client] = seq + 1
    key = ((port, connections[port]), from_client)
    if payload and key in first:
        # Sequence numbers wrap after 4 GiB: count on from the last one, which is never 2 GiB away.
        last[key] += (seq - last[key] + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        chunk = streams.setdefault(key, {})
        offset = last[key] - first[key]
        if len(payload) > len(chunk.get(offset, b"")):
            chunk[offset] = payload


def join(key):  # the pieces between the holes
    pieces, at = [bytearray()], 0
    for offset, payload in sorted(streams.get(key, {}).items()):
        if offset > at:
            lost = "%s:%d: %d bytes are missing, %d bytes into this direction" % ("client" if key[1] else "server", key[0][0], offset - at, at)
            if not own:
                print(lost + ": the rest is not counted", file=sys.stderr)
                break
            print(lost, file=sys.stderr)
            pieces.append(bytearray())
            at = offset
        fresh = payload[at - offset:] if offset < at else payload
        pieces[-1] += fresh
        at += len(fresh)
    return [bytes(piece) for piece in pieces]


count, size, seen = collections.Counter(), collections.Counter(), collections.Counter()
for port in [key[0] for key in streams if key[1]]:
    client_pieces, server_pieces = join((port, True)), join((port, False))
    client, server = client_pieces[0], server_pieces[0]
    if client[:4] != b"REDQ" or server[:4] != b"REDQ":
        continue
    length, number = struct.unpack_from("<I", client, 12)[0], client[21]
    channel = CHANNELS.get(client[20], "channel%d" % client[20])
    caps = struct.unpack_from("<III", client, 22)
    common = struct.unpack_from("<I", client, 16 + caps[2])[0] if caps[0] else 0
    reply = struct.unpack_from("<I", server, 12)[0]
    error = struct.unpack_from("<I", server, 16)[0]
    if args.dump:
        os.makedirs(args.dump, exist_ok=True)
        seen[channel, number] += 1
        base = "%s/%s-%d%s" % (args.dump, channel, number, "" if seen[channel, number] == 1 else ".%d" % seen[channel, number])
        for side, data in (("client", client), ("server", server)):
            with open("%s.%s.bin" % (base, side), "wb") as f:
                f.write(data)
    if error:
        count[channel, "server", "LINK_ERROR %d" % error] += 1
        continue
    auth = 4 if common & 1 else 0
    mini = bool(common & 8)
    for side, pieces, start in (("client", client_pieces, 16 + length + auth + 128), ("server", server_pieces, 16 + reply + 4)):
        for piece, data in enumerate(pieces):
            at = start if piece == 0 else 0
            agent, mine = bytearray(), MESSAGES.get(channel, ({}, {}))[side == "client"]
            while at + (6 if mini else 18) <= len(data):
                kind, n = struct.unpack_from("<HI", data, at + (0 if mini else 8))
                at += 6 if mini else 18
                name = COMMON[side == "client"].get(kind) or mine.get(kind) or "type%d" % kind
                if at + n > len(data):
                    count[channel, side, "(cut off)"] += 1
                    break
                count[channel, side, name] += 1
                size[channel, side, name] += n
                if name == "AGENT_DATA":
                    agent += data[at:at + n]
                    while len(agent) >= 20 and len(agent) >= 20 + struct.unpack_from("<I", agent, 16)[0]:
                        what, m = struct.unpack_from("<I", agent, 4)[0], struct.unpack_from("<I", agent, 16)[0]
                        name2 = "agent " + AGENT.get(what, "type%d" % what)
                        count[channel, side, name2] += 1
                        size[channel, side, name2] += m
                        del agent[:20 + m]
                at += n
for (channel, side, name), n in sorted(count.items(), key=lambda i: (i[0][0], i[0][1], -i[1])):
    print("%8d %10d bytes  %s %s %s" % (n, size[channel, side, name], channel, side, name))
