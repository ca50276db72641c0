#!/usr/bin/env bash
# Records a second of sound from a real Xspice (test/real/lab): ./record.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lab=${LAB:-$here/../../real/lab}
export NAME=golden-sound AUDIO=1 SCENE=
port=$("$lab/xspice.sh" start | sed -n 's/SPICE_PORT=\([0-9]*\).*/\1/p')
# Channel type 5 is playback; its capabilities are volume, latency and Opus.
node "$here/../images/record-display.mjs" "$port" 1 "$here/opus-tone.bin" 0 5 14
"$lab/xspice.sh" stop
