#!/usr/bin/env bash
# Draws on $DISPLAY until it is ended. Words, any of them together:
#   desk    a still desktop: solid root, clock with seconds, eyes, logo, a terminal with text
#   scroll  a terminal that scrolls without end             ico    moving polygons
#   perf    x11perf operations in turn (fills, lines, text, images, copies, scrolls)
#   ops     28 x11perf operations a few times each: all of them within seconds, then again
#   image   a photo-like still, a gradient, a chart and noise in turn
#   gears   glxgears, as fast as it can: a throughput load (needs mesa-utils)
#   video   a generated 320x240 clip at 25 fps, for the server's stream detection (needs ffmpeg)
set -euo pipefail
tmp=$(mktemp -d); trap 'trap "" TERM; trap - EXIT; rm -rf "$tmp"; kill 0; exit' EXIT TERM
desk() {
  xsetroot -solid steelblue
  xclock -geometry 200x200+10+10 -update 1 & xeyes -geometry 200x150+220+10 & xlogo -geometry 150x150+440+10 &
  xterm -fa "DejaVu Sans Mono" -fs 10 -geometry 80x20+10+380 -e sh -c 'ls -la /usr/bin | head -40; exec sleep 1000000' &
}
scroll() { xterm -geometry 80x24+400+300 -e sh -c 'while :; do ls -la /usr/bin; sleep 0.2; done' & }
ico() { # with colours or double buffering it wants colour planes, which a TrueColor screen has none of
  command ico -geometry 300x300+680+10 -faces -noedges -sleep 0.02 &
  command ico -geometry 300x300+680+320 -bg gold -lw 3 -sleep 0.02 &
}
gears() { glxgears -geometry 300x300+680+10 & }
perf() {
  local t
  while :; do for t in rect100 srect100 line100 dline100 circle100 fcircle100 triangle100 trap100 ftext f14text aa10text rgb10text \
    putimage100 putimage500 shmput100 scroll100 scroll500 copywinwin100 copypixwin500 copyplane100 move circulate; do
    x11perf -time 1 -repeat 1 -sync "-$t" >/dev/null 2>&1 || true
  done; done &
}
ops() {
  while :; do
    x11perf -reps 2 -repeat 1 -dot -rect100 -srect100 -osrect100 -tilerect100 -bigtilerect100 -line100 -dline100 -wline100 \
      -fellipse100 -dcircle100 -tiletrap100 -aatrap100 -f8text -f14text -polytext \
      -aa10text -aa24text -rgb10text -scroll100 -scroll500 -copywinwin100 -copypixwin500 -copyplane100 -putimage100 -putimagexy100 \
      -shmput100 -compwinwin100 -comppixwin500 >/dev/null 2>&1
  done &
}
image() {
  "$(dirname "$0")/x-picture.py" "$tmp"
  while :; do for i in photo gradient chart noise; do
    timeout --foreground 2 xwud -in "$tmp/$i.xwd" -geometry 640x480+200+150 || true
  done; done &
}
video() {
  ffmpeg -v error -f lavfi -i "testsrc2=s=320x240:r=25:d=20" -vf "hue=H=t" -c:v mpeg4 -q:v 3 "$tmp/clip.avi"
  ffplay -v error -an -loop 0 -x 320 -y 240 -left 640 -top 420 "$tmp/clip.avi" &
}
for word; do "$word"; done
wait
