#!/usr/bin/env python3
# Writes a tone without end to a FIFO: S16 little-endian, 48 kHz, 440 Hz on the left and 660 Hz on the right, both with an
# amplitude of 8000. Whoever reads sets the pace. The tone repeats after 1/20 s exactly.
import math
import sys

RATE, LEFT, RIGHT, AMPLITUDE = 48000, 440, 660, 8000
samples = bytearray()
for i in range(RATE // 20):
    for hertz in (LEFT, RIGHT):
        samples += round(AMPLITUDE * math.sin(2 * math.pi * hertz * i / RATE)).to_bytes(2, "little", signed=True)
with open(sys.argv[1], "wb", buffering=0) as fifo:
    while True:
        fifo.write(samples)
