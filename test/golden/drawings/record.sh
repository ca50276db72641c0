#!/usr/bin/env bash
# Records the drawing steps of a real server and its own rendering of them: ./record.sh (writes drawings.bin and drawings.json).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lab=${LAB:-$here/../../real/lab}
work=$(mktemp -d)
trap 'NAME=drawings "$lab/draw-server.sh" stop; rm -rf "$work"' EXIT
export NAME=drawings COMPRESSION=auto_glz STREAMING=off JPEG=never STEP_MS=3 SKIP=stream
report=$("$lab/draw-server.sh" start)
port=$(sed -n 's/.*SPICE_PORT=\([0-9]*\).*/\1/p' <<<"$report")
folder=$(sed -n 's/.*SPICE_DIR=\([^ ]*\).*/\1/p' <<<"$report")
node "$here/../images/record-display.mjs" "$port" 4 "$work/display.bin"
grep -q '"done"' "$folder/draw.log"
node "$here/make-fixture.mjs" "$work/display.bin" "$folder/truth.ppm" "$folder/draw.log"
