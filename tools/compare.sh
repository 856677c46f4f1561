#!/usr/bin/env bash
# Builds the release, and compares it with Python services and with what the machine could do at most: bench/compare.
# usage: compare.sh [compare|growth|start|limits|quality|profile] [ARGUMENT...]      (arguments of that program; default: compare, 5 rounds)
# Photographs: those of CURLEW_TEST_IMAGES, where it is set. Needs the birds model: CURLEW_MODELS, or `curlew models pull birds`.
set -euo pipefail
source "$(dirname "$0")/steps.sh"
what=${1:-compare}
[ $# = 0 ] || shift
"$root/tools/setup.sh" build bench compare models
EXTRA=-DCURLEW_TESTS=OFF "$root/tools/build.sh" release curlew
curlew=$root/build/release/bin/curlew
photos=${CURLEW_TEST_IMAGES:-$state/photos}
here=$root/bench/compare
case $what in
  compare)
    PRESET=release EXTRA="-DCURLEW_TESTS=OFF -DCURLEW_BENCH=ON" "$root/tools/build.sh" bench bare_bound
    "$venv/bin/python" "$here/compare.py" "$curlew" "$root/build/bench/bin/bare_bound" "$photos" "$@"
    ;;
  growth) "$venv/bin/python" "$here/growth.py" "$curlew" "$(find "$photos" -name '*.jpg' | sort | head -n 1)" "$@" ;;
  start) "$venv/bin/python" "$here/start.py" "$curlew" "$photos" "$@" ;;
  limits) "$venv/bin/python" "$here/limits.py" "$curlew" "$photos" "$@" ;;
  quality) "$venv/bin/python" "$root/bench/quality/quality.py" "$photos" "$@" ;;
  profile) "$venv/bin/python" "$here/flame_profile.py" "$curlew" "$photos" "$@" ;;
  *) fail "compare.sh knows: compare growth start limits quality profile; not '$what'" ;;
esac
