#!/usr/bin/env bash
# A real libspice-server that sends every drawing command, image, cursor and stream message (draw-server.c, compiled
# here on first use): a script of about 115 steps, anew for each client that connects.
#   ./draw-server.sh start | stop | status
#   AUTH=none|password PASSWORD=secret  PORT=  COMPRESSION=off|auto_glz|auto_lz|quic|glz|lz|lz4
#   JPEG=auto|always|never  ZLIB_GLZ=auto|always|never  STREAMING=filter|all|off  CODECS=spice:mjpeg
#   STEP_MS=10  ONLY=prefix[,prefix...]  SKIP=prefix[,prefix...]  LOOP=0|1  TABLET=1|0 (0: server mouse mode; only then CURSOR_MOVE is sent)
# $SPICE_DIR/draw.log holds one JSON line per event (steps, "done", the client's keys, pointer, monitors); when it says
# "done", $SPICE_DIR/truth.ppm is the server's own rendering of the screen, to compare a client's pixels with.
# Needs: gcc libc6-dev pkg-config libspice-server-dev libglib2.0-dev
set -euo pipefail
source "$(dirname "$0")/lib.sh"
DEFAULT_NAME=draw

start() {
  begin "$DEFAULT_NAME"
  local bin=$LAB_TMP/draw-server port=${PORT:-$(free_port)} opts=() rep=("SPICE_HOST=127.0.0.1")
  if [[ $LAB_DIR/draw-server.c -nt $bin ]]; then
    gcc -O1 -Wall -o "$bin.$$" "$LAB_DIR/draw-server.c" $(pkg-config --cflags --libs spice-server glib-2.0) -lm
    mv "$bin.$$" "$bin"
  fi
  if [[ ${AUTH:-none} = password ]]; then opts+=(--password "${PASSWORD:-secret}"); rep+=("SPICE_PASSWORD=${PASSWORD:-secret}"); fi
  [[ ${TABLET:-1} = 1 ]] || opts+=(--no-tablet)
  [[ ${LOOP:-0} = 0 ]] || opts+=(--loop)
  [[ -z ${ONLY:-} ]] || opts+=(--only "$ONLY")
  [[ -z ${SKIP:-} ]] || opts+=(--skip "$SKIP")
  [[ -z ${CODECS:-} ]] || opts+=(--codecs "$CODECS")
  spawn draw "$bin" --port "$port" --dump "$DIR/truth.ppm" --ms "${STEP_MS:-10}" --compression "${COMPRESSION:-auto_glz}" \
    --jpeg "${JPEG:-auto}" --zlib-glz "${ZLIB_GLZ:-auto}" --streaming "${STREAMING:-filter}" "${opts[@]}"
  wait_port "$port" draw
  report "${rep[@]}" "SPICE_PORT=$port" "SPICE_PID=$(<"$DIR/draw.pid")"
}
case_command "$@"
