#!/usr/bin/env bash
# Records one real session per server kind into $CAPTURES, default $LAB_TMP/captures (capture.sh leaves .pcapng, .types.txt, .peer.json).
#   ./make-captures.sh [name...]
set -euo pipefail
cd "$(dirname "$0")"
source ./lib.sh
out=${CAPTURES:-$LAB_TMP/captures}; mkdir -p "$out"
want=" $* "; wanted() { [[ $want = "  " || $want = *" $1 "* ]]; }
one() { # one NAME SCRIPT "ENV..." SECONDS [capture options]
  local name=$1 script=$2 vars=$3 seconds=$4; shift 4
  wanted "$name" || return 0
  env NAME=cap $vars "./$script" start >/dev/null; sleep "${SETTLE:-3}"
  ./capture.sh cap "$out/$name.pcapng" "$seconds" "$@" >/dev/null
  NAME=cap "./$script" stop
  printf '%-22s %9d bytes, %3d kinds of messages\n' "$name" "$(stat -c %s "$out/$name.pcapng")" "$(grep -cE 'client|server' "$out/$name.types.txt")"
}
one qemu-bios qemu-bios.sh "AUDIO=1 AGENT=1 USBREDIR=1 WEBDAV=1 PORTCHAN=1" 35 --motion 10 --latency 20
one qemu-bios-std qemu-bios.sh "GPU=std COMPRESSION=off" 15
one qemu-bios-virtio qemu-bios.sh "GPU=virtio HEADS=2 COMPRESSION=lz" 15
one qemu-installer qemu-linux.sh "GUEST=installer AGENT=0" 30 --motion 10 --latency 40
one xspice-desk xspice.sh "SCENE=desk" 30 --motion 20
one xspice-image xspice.sh "SCENE=image COMPRESSION=quic" 12
one xspice-wan xspice.sh "SCENE=image JPEG=always ZLIB_GLZ=always" 15
one xspice-mjpeg xspice.sh "SCENE=video STREAMING=all" 25
one xspice-h264 xspice.sh "SCENE=video STREAMING=all CODECS=gstreamer:h264" 15
one xspice-vp8 xspice.sh "SCENE=video STREAMING=all CODECS=gstreamer:vp8" 15
one xspice-agent-audio xspice.sh "SCENE=desk AGENT=1 AUDIO=1" 15 --clipboard "from the client" --resize 900x700
for c in auto_glz quic; do one "draw-$c" draw-server.sh "COMPRESSION=$c STREAMING=off" 8 --latency 5 --motion 10; done
one draw-lz draw-server.sh "COMPRESSION=lz STREAMING=off TABLET=0" 8 --latency 5 --motion 10
one draw-lz4 draw-server.sh "COMPRESSION=lz4 SKIP=composite-over-mask STREAMING=off" 8
one draw-wan draw-server.sh "JPEG=always ZLIB_GLZ=always STREAMING=off" 8
one draw-stream draw-server.sh "STREAMING=all" 10

if wanted qemu-desktop; then # clipboard both ways, resize, file transfer, WebDAV, a USB drive, sound, from a real guest
  NAME=cap AUDIO=1 USBREDIR=1 SCENE=desk ./qemu-linux.sh start >/dev/null; sleep 12
  source "$LAB_TMP/cap/env"
  share=$(mktemp -d); echo "shared by the client" >"$share/note.txt"; seq 1 2000 >"$share/numbers.txt"
  genisoimage -quiet -r -V LAB -o "$share/lab.iso" "$share/note.txt"
  ./capture.sh cap "$out/qemu-desktop.pcapng" 40 --clipboard "from the client" --resize 900x700 --share "$share" \
    --send "$share/numbers.txt" --cd "$share/lab.iso" --motion 5 >/dev/null & capture=$!
  sleep 10
  ./guest-exec.py "$SPICE_SERIAL" '
    xclip -o -selection clipboard; echo; echo "from the guest" | xclip -i -selection clipboard
    timeout 8 curl -s http://localhost:9843/note.txt; cmp /root/numbers.txt <(seq 1 2000) && echo "file arrived"
    mkdir -p /mnt; timeout 10 mount -r /dev/sr0 /mnt && ls /mnt; timeout 5 speaker-test -t sine -l 1 >/dev/null; timeout 3 arecord -q -f cd /tmp/r.wav; ls -l /tmp/r.wav; xrandr | sed -n 2p; lsusb | grep Spice' 40 || true
  wait $capture; NAME=cap ./qemu-linux.sh stop; rm -rf "$share"
  printf '%-22s %9d bytes\n' qemu-desktop "$(stat -c %s "$out/qemu-desktop.pcapng")"
fi
rm -f "$out"/*.peer.log
