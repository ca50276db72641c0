#!/usr/bin/env python3
"""Holds a pseudo-terminal for a test: says the name of its slave side, and reads its master side only when told to.

Commands on standard input, one a line: `read`, `pause`, `size COLUMNS ROWS`, `type HEX`. From `read` on, what was written to
the terminal comes out of standard output after the first line. It ends, and hangs up, when standard input ends."""
import fcntl
import os
import selectors
import struct
import sys
import termios

master, slave = os.openpty()  # The slave stays open here: a test that opens it later must not find it hung up.


def set_size(columns, rows):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


set_size(int(sys.argv[1]), int(sys.argv[2]))
os.write(1, (os.ttyname(slave) + "\n").encode())
selector = selectors.DefaultSelector()
selector.register(0, selectors.EVENT_READ)
reading = False
rest = b""
while True:
    for key, _ in selector.select():
        if key.fd == master:
            os.write(1, os.read(master, 65536))
            continue
        chunk = os.read(0, 4096)
        if not chunk:
            sys.exit(0)
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            word, *arguments = line.decode().split()
            if word == "read" and not reading:
                selector.register(master, selectors.EVENT_READ)
                reading = True
            elif word == "pause" and reading:
                selector.unregister(master)
                reading = False
            elif word == "size":
                set_size(int(arguments[0]), int(arguments[1]))
            elif word == "type":
                os.write(master, bytes.fromhex(arguments[0]))
