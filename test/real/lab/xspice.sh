#!/usr/bin/env bash
# Xspice: an X server with libspice-server inside (no guest, no VM): real QXL drawing commands in 2 s.
#   ./xspice.sh start | stop | status
#   AUTH=none|password PASSWORD=secret  TLS=0|1|only  PORT= TLS_PORT= DISPLAY_NUM=
#   COMPRESSION=auto_glz|auto_lz|quic|glz|lz|off  JPEG=auto|never|always  ZLIB_GLZ=auto|never|always
#   STREAMING=filter|all|off  CODECS=spice:mjpeg (or gstreamer:mjpeg;gstreamer:vp8;gstreamer:h264)
#   HEADS=1..4  DEFERRED_FPS=0 (n: render to a frame buffer and send the changed rectangles n times a second)
#   AGENT=0|1 (real spice-vdagentd + spice-vdagent)  AUDIO=0|1 (a tone, through the playback FIFO)  PLAYBACK_COMPRESSION=1|0 (Opus or PCM)
#   CURSOR=1|0 (0: no pointer; this server paints the pointer into the picture, a root window's dump lacks it)
#   SCENE="desk" (words of x-scene.sh; empty: nothing draws)
set -euo pipefail
source "$(dirname "$0")/lib.sh"
DEFAULT_NAME=xspice
AUTH=${AUTH:-none} PASSWORD=${PASSWORD:-secret} TLS=${TLS:-0} AGENT=${AGENT:-0} AUDIO=${AUDIO:-0} SCENE=${SCENE-desk} CURSOR=${CURSOR:-1}

free_display() { local n; for n in {70..170}; do [[ -e /tmp/.X11-unix/X$n || -e /tmp/.X$n-lock ]] || { echo "$n"; return; }; done; }

start() {
  begin "$DEFAULT_NAME"
  local n=${DISPLAY_NUM:-$(free_display)} rep=("SPICE_HOST=127.0.0.1") port=0
  # bookworm's driver loses every built-in default of its options (0 heads and 0-byte buffers make it crash):
  # each one has to be given.
  export QXL_FRAME_BUFFER_SIZE=32 QXL_COMMAND_BUFFER_SIZE=128 QXL_SURFACE_BUFFER_SIZE=128 QXL_NUM_HEADS=${HEADS:-1}
  export QXL_ENABLE_SURFACES=1 QXL_ENABLE_IMAGE_CACHE=1 QXL_ENABLE_FALLBACK_CACHE=1
  export XSPICE_ADDR=127.0.0.1 XSPICE_AGENT_MOUSE=1 XSPICE_PLAYBACK_COMPRESSION=${PLAYBACK_COMPRESSION:-1} XSPICE_DEFERRED_FPS=${DEFERRED_FPS:-0}
  export XSPICE_IMAGE_COMPRESSION=${COMPRESSION:-auto_glz} XSPICE_JPEG_WAN_COMPRESSION=${JPEG:-auto}
  export XSPICE_ZLIB_GLZ_WAN_COMPRESSION=${ZLIB_GLZ:-auto} XSPICE_STREAMING_VIDEO=${STREAMING:-filter}
  [[ -z ${CODECS:-} ]] || export XSPICE_VIDEO_CODECS=$CODECS
  if [[ $TLS != only ]]; then port=${PORT:-$(free_port)}; rep+=("SPICE_PORT=$port"); fi
  export XSPICE_PORT=$port
  if [[ $TLS != 0 ]]; then
    certs "$DIR/pki"; TLS_PORT=${TLS_PORT:-$(free_port)}
    export XSPICE_TLS_PORT=$TLS_PORT XSPICE_X509_DIR=$DIR/pki
    rep+=("SPICE_TLS_PORT=$TLS_PORT" "SPICE_CA=$DIR/pki/ca-cert.pem")
  fi
  if [[ $AUTH = none ]]; then export XSPICE_DISABLE_TICKETING=1
  else export XSPICE_PASSWORD=$PASSWORD; rep+=("SPICE_PASSWORD=$PASSWORD"); fi
  if [[ $AUDIO = 1 ]]; then mkdir "$DIR/fifo"; export XSPICE_PLAYBACK_FIFO_DIR=$DIR/fifo; fi
  if [[ $AGENT = 1 ]]; then
    export XSPICE_VDAGENT_ENABLED=1 XSPICE_VDAGENT_VIRTIO_PATH=$DIR/virtio XSPICE_VDAGENT_UINPUT_PATH=$DIR/uinput
  fi
  local more=(); [[ $CURSOR = 1 ]] || more=(-nocursor)
  # stdout: the driver prints a line for each QXL command
  spawn xorg sh -c 'exec "$@" >/dev/null' sh Xorg -config spiceqxl.xorg.conf -noreset -nolisten tcp -logfile "$DIR/Xorg.0.log" "${more[@]}" ":$n"
  if ((port)); then wait_port "$port" xorg; else wait_port "$TLS_PORT" xorg; fi
  export DISPLAY=:$n
  until xset q >/dev/null 2>&1; do alive "$DIR/xorg.pid" || die "Xorg ended"; sleep 0.1; done
  if [[ $AGENT = 1 ]]; then
    spawn vdagentd spice-vdagentd -d -f -x -X -S "$DIR/udcs" -s "$DIR/virtio" -u "$DIR/uinput"
    until [[ -S $DIR/udcs ]]; do alive "$DIR/vdagentd.pid" || die "spice-vdagentd ended"; sleep 0.1; done
    spawn vdagent spice-vdagent -d -x -s "$DIR/virtio" -S "$DIR/udcs" -f "$DIR" -o 0
  fi
  if [[ $AUDIO = 1 ]]; then
    mkfifo "$DIR/fifo/tone"
    spawn tone "$LAB_DIR/tone.py" "$DIR/fifo/tone"
  fi
  [[ -z $SCENE ]] || spawn scene "$LAB_DIR/x-scene.sh" $SCENE
  report "${rep[@]}" "DISPLAY=:$n" "SPICE_PID=$(<"$DIR/xorg.pid")"
}
case_command "$@"
