#!/usr/bin/env bash
# The peer's numbers (peer-stats.py, i.e. spice-gtk's library without a window) for a fixed set of loads.
#   ./baseline.sh [name...]     one row each; CLIENT="command" times another client instead of the peer: it gets
#                               SPICE_HOST/SPICE_PORT in its environment and SECONDS_TO_RUN as its argument
set -euo pipefail
cd "$(dirname "$0")"
source ./lib.sh
want=" $* "; wanted() { [[ $want = "  " || $want = *" $1 "* ]]; }
ticks() { local s; s=$(sed 's/.*) //' "/proc/$1/stat"); set -- $s; echo $((${12} + ${13})); } # user + system, 10 ms each
row() { printf '%-16s %7s %10s %8s %9s %9s %8s %9s %12s\n' "$@"; }
one() { # one NAME SCRIPT "ENV..." SECONDS [peer options]
  local name=$1 script=$2 vars=$3 seconds=$4 t0 t1 begun; shift 4
  wanted "$name" || return 0
  begun=$(date +%s%N)
  env NAME=base $vars "./$script" start >/dev/null
  local ready=$((($(date +%s%N) - begun) / 1000000)) out; out=$(mktemp)
  source "$LAB_TMP/base/env"; sleep "${SETTLE:-5}"
  local rss; rss=$(($(awk '/VmRSS/ {print $2}' "/proc/$SPICE_PID/status") / 1024))
  t0=$(ticks "$SPICE_PID")
  if [[ -n ${CLIENT:-} ]]; then
    export SPICE_HOST SPICE_PORT
    # the peer's fields, as far as another client's CPU and memory tell them
    /usr/bin/time -f '{"cpu_user_s": %U, "cpu_sys_s": %S, "max_rss_kib": %M}' -o "$out" $CLIENT "$seconds" >/dev/null || true
  else ./peer-stats.py --port "$SPICE_PORT" --seconds "$seconds" --quiet "$@" >"$out" 2>/dev/null || true; fi
  t1=$(ticks "$SPICE_PID")
  row "$name" $(python3 - "$out" "$seconds" <<'P'
import json, statistics, sys
d, s = json.load(open(sys.argv[1])), float(sys.argv[2])
c = d.get("counts", {})
kib = sum(v.get("bytes", 0) for v in d.get("channels", {}).values()) / 1024
n = sum(v for k, v in c.items() if k.endswith("invalidate"))
px = sum(v for k, v in c.items() if k.endswith("pixels"))
lat = d.get("latency_ms") or []
rss = d.get("max_rss_mib") or d.get("max_rss_kib", 0) // 1024
print("%d %d %.1f %.2f %d %s" % (kib / s, n / s, px / s / 1e6, (d["cpu_user_s"] + d["cpu_sys_s"]) / s * 100, rss,
      "%.0f/%.0f" % (statistics.median(lat), max(lat)) if lat else "-"))
P
  ) "$(((t1 - t0) * 100 / (seconds * 100)))%" "${ready}ms,${rss}M"
  NAME=base "./$script" stop; rm -f "$out"
}
row load KiB/s updates/s Mpx/s client-% client-MiB lat-ms server-% ready,rss
one bios-idle qemu-bios.sh "GPU=qxl" 15
one installer qemu-linux.sh "GUEST=installer AGENT=0" 15 --latency 60
one desktop qemu-linux.sh "SCENE=desk" 15 --latency 60
one xspice-idle xspice.sh "SCENE=" 10
one xspice-desk xspice.sh "SCENE=desk" 15
one xspice-scroll xspice.sh "SCENE=scroll" 15
one xspice-gears xspice.sh "SCENE=gears" 15
one xspice-mjpeg xspice.sh "SCENE=video STREAMING=all" 15
one xspice-h264 xspice.sh "SCENE=video STREAMING=all CODECS=gstreamer:h264" 15
one xspice-audio xspice.sh "SCENE=desk AUDIO=1" 15
one xspice-perf xspice.sh "SCENE=perf" 15
one draw-quic draw-server.sh "COMPRESSION=quic STREAMING=off LOOP=1 STEP_MS=1" 15
one draw-glz draw-server.sh "COMPRESSION=glz STREAMING=off LOOP=1 STEP_MS=1" 15
one draw-lz draw-server.sh "COMPRESSION=lz STREAMING=off LOOP=1 STEP_MS=1" 15
one draw-jpeg draw-server.sh "JPEG=always ZLIB_GLZ=always STREAMING=off LOOP=1 STEP_MS=1" 15
