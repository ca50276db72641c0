#!/usr/bin/env bash
# Records a live migration between two QEMUs, followed by the peer client, for capture-goldens.mjs: MIGRATE_* messages
# occur nowhere else. Uses the lab scripts in test/real/lab.
#   test/golden/capture-migration.sh on|off OUT.pcapng        (on: seamless)
set -euo pipefail
seamless=$1 out=$(realpath -m "$2")
cd "$(dirname "$0")/../real/lab"
source ./lib.sh
incoming=$(free_port)
NAME=migrate-from SEAMLESS=$seamless ./qemu-bios.sh start >/dev/null
NAME=migrate-to SEAMLESS=$seamless EXTRA="-incoming tcp:127.0.0.1:$incoming" ./qemu-bios.sh start >/dev/null
stop() { NAME=migrate-from ./qemu-bios.sh stop; NAME=migrate-to ./qemu-bios.sh stop; }
trap stop EXIT
source "$LAB_TMP/migrate-to/env"; to=$SPICE_PORT
source "$LAB_TMP/migrate-from/env"; from=$SPICE_PORT
tshark -q -B 64 -i lo -f "tcp port $from or tcp port $to" -w "$out" 2>"$out.log" & tshark=$!
until grep -qs Capturing "$out.log"; do sleep 0.1; done
sleep 0.5
./peer-stats.py --port "$from" --seconds 14 >/dev/null 2>&1 & peer=$!
sleep 4
./qmp.py "$SPICE_QMP" client_migrate_info "{\"protocol\":\"spice\",\"hostname\":\"127.0.0.1\",\"port\":$to}"
sleep 1
./qmp.py "$SPICE_QMP" migrate "{\"uri\":\"tcp:127.0.0.1:$incoming\"}"
wait $peer || true
kill -INT $tshark; wait $tshark || true
rm -f "$out.log"
