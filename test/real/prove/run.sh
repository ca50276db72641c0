#!/usr/bin/env bash
# Runs one long proof: test/real/prove/NAME.prove.ts. It leaves its numbers in docs/measurements.md.
#   test/real/prove/run.sh unread-pty | linux-guest | k1-idle | kill-matrix | auto-snapshot | xspice
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
name=${1:?which proof}
[[ -f test/real/prove/$name.prove.ts ]] || { echo "no proof $name; there are: $(cd test/real/prove && echo *.prove.ts)" >&2; exit 2; }
if [[ $name = linux-guest ]]; then
  export LAB_GUEST=${LAB_GUEST:-${XDG_CACHE_HOME:-$HOME/.cache}/ryll-actors/guest}
  if [[ ! -s $LAB_GUEST/guest.img ]]; then
    test/real/install-packages.sh guest
    echo "building the guest in $LAB_GUEST (about 2 minutes, as root)"
    test/real/lab/build-guest.sh >/dev/null
  fi
fi
npx tsc -p .
RYLL_PROOF=$name exec npx vitest run --config test/real/prove/vitest.config.ts "${@:2}"
