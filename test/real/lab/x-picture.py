#!/usr/bin/env python3
"""Writes four 640x480 pictures as X window dumps (for xwud): photo.xwd gradient.xwd chart.xwd noise.xwd. Standard library only,
the same bytes on each run. They are what decides between the server's codecs: photo-like, smooth, few colours, incompressible.

  ./x-picture.py FOLDER"""
import math, random, struct, sys

W, H = 640, 480


def xwd(name, pixel):
    # XWDFile.h: ZPixmap, depth 24, 32 bits a pixel, least significant byte first, TrueColor; no colour map
    title = name.encode() + b"\0"
    header = struct.pack(">25I", 100 + len(title), 7, 2, 24, W, H, 0, 0, 32, 0, 32, 32, W * 4, 4, 0xFF0000, 0xFF00, 0xFF, 8, 256, 0,
                         W, H, 0, 0, 0)
    rows = b"".join(struct.pack("<%dI" % W, *(pixel(x, y) for x in range(W))) for y in range(H))
    with open("%s/%s.xwd" % (sys.argv[1], name), "wb") as f:
        f.write(header + title + rows)


def rgb(r, g, b):
    return int(r) << 16 | int(g) << 8 | int(b)


dice = random.Random(42)
sines = [math.sin(i / 17) for i in range(2000)]
cosines = [math.cos(i / 7) for i in range(2000)]
xwd("photo", lambda x, y: rgb(127 + 60 * sines[x + y // 2] + 50 * sines[2 * y] + dice.randrange(-8, 9),
                              127 + 70 * sines[x + 480 - y] + 40 * cosines[x] + dice.randrange(-8, 9),
                              127 + 90 * cosines[(x + y) // 5] + dice.randrange(-8, 9)))
xwd("gradient", lambda x, y: rgb(255 * x / W, 255 * y / H, 128))
xwd("chart", lambda x, y: rgb(255 if x // 8 % 2 else 0, 200 if y // 8 % 2 else 20, 255 if (x // 16 + y // 16) % 2 else 0))
xwd("noise", lambda x, y: dice.getrandbits(24))
