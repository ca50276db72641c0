#!/usr/bin/env bash
# Records the display channel of real servers, for make-fixtures.mjs: ./record.sh FOLDER
# The same pictures are sent by spice-server once as they are and once in each compression. Needs what test/real/lab needs.
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
lab=${LAB:-$here/../../real/lab}
export STREAMING=off JPEG=never STEP_MS=3

draw() { # NAME COMPRESSION STEPS
  export NAME=fixtures-$1 COMPRESSION=$2 ONLY=$3
  port=$("$lab/draw-server.sh" start | sed -n 's/.*SPICE_PORT=\([0-9]*\).*/\1/p')
  node "$here/record-display.mjs" "$port" 2 "$out/$1.bin"
  "$lab/draw-server.sh" stop
}
# The server leaves out what is painted over before it was sent, not always the same: several recordings know them all.
for again in 1 2 3; do
  for steps in copy big composite-over-mask; do draw "${steps%%-*}-off.$again" off "$steps"; done
done
for compression in quic lz glz lz4; do
  draw "copy-$compression" "$compression" copy-
  draw "big-$compression" "$compression" big-
  draw "composite-$compression" "$compression" composite-over-mask
done
ZLIB_GLZ=always draw zlib-glz glz copy-
# On these the server aborts when it draws them itself, after it has sent them.
draw 1le off unsafe-copy-1le || true
draw 4le off unsafe-copy-4le || true

for compression in quic lz; do
  export NAME=fixtures-qemu-$compression COMPRESSION=$compression
  report=$("$lab/qemu-bios.sh" start)
  sleep 6 # SeaBIOS and iPXE write their text
  qmp=$(sed -n 's/.*SPICE_QMP=\([^ ]*\).*/\1/p' <<<"$report")
  "$lab/qmp.py" "$qmp" stop >/dev/null
  node "$here/record-display.mjs" "$(sed -n 's/.*SPICE_PORT=\([0-9]*\).*/\1/p' <<<"$report")" 2 "$out/qemu-$compression.bin"
  "$lab/qmp.py" "$qmp" screendump "{\"filename\":\"$out/qemu-$compression.ppm\"}" >/dev/null
  "$lab/qemu-bios.sh" stop
done
