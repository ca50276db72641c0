#!/usr/bin/env bash
# Installs the Debian packages that the real-server suite (npm run test:real) uses, on a machine that has Node, npm and apt.
# Does nothing when all are there. Needs root otherwise. Debian 12 and 13, Ubuntu 22.04 and later have them all.
#   test/real/install-packages.sh            what the suite needs
#   test/real/install-packages.sh guest      and what build-guest.sh needs (npm run prove:linux-guest)
set -euo pipefail

packages=(
  ffmpeg jq unzip  # readers of what we write
  qemu-system-x86 openssl                                  # qemu-bios.sh, certificates
  xserver-xspice xserver-xorg-core x11-xserver-utils x11-apps xterm fonts-dejavu-core xfonts-base # xspice.sh, its scenes
  gcc libc6-dev pkg-config libspice-server-dev libglib2.0-dev # draw-server.sh
  gir1.2-spiceclientglib-2.0 python3-gi                    # the other client (peer-stats.py)
  tinyproxy-bin stunnel4 microsocks                        # proxies (proxy.test.ts)
  tshark tmux python3 procps                               # reading captures, a terminal, the scripts
  git                                                      # the repository's own checks, the version's commit
)
[[ ${1:-} != guest ]] || packages+=(debootstrap busybox-static cpio e2fsprogs kmod)

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) = installed ]]; }

missing=()
for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
if ((${#missing[@]} == 0)); then
  echo "install-packages: all ${#packages[@]} packages are there"
  exit 0
fi
if ((EUID != 0)); then
  echo "install-packages: not root, and these are missing: ${missing[*]}" >&2
  echo "install-packages: run it as root: sudo $0 $*" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
attempt() { # attempt WORDS...: up to three times, because mirrors hiccup
  local try
  for try in 1 2 3; do
    if "$@" </dev/null; then return 0; fi
    echo "install-packages: attempt $try failed: $*" >&2
    ((try == 3)) || sleep $((try * 5))
  done
  return 1
}
echo "install-packages: installing ${missing[*]}"
attempt apt-get update -qq
attempt apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
for package in "${missing[@]}"; do
  installed "$package" || { echo "install-packages: $package did not get installed" >&2; exit 1; }
done
echo "install-packages: done"
