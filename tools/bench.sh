#!/usr/bin/env bash
# Builds and runs everything of bench/: the programs that measure a step, then the comparison with Python.
# usage: bench.sh [ROUNDS]
set -euo pipefail
source "$(dirname "$0")/steps.sh"
"$root/tools/setup.sh" build bench models
EXTRA=-DCURLEW_TESTS=OFF "$root/tools/build.sh" release curlew
if [ -f "$root/bench/CMakeLists.txt" ]; then
  PRESET=release EXTRA="-DCURLEW_TESTS=OFF -DCURLEW_BENCH=ON" "$root/tools/build.sh" bench bench/all
  find "$root/build/bench/bin" -type f -executable -name '*_bench' | sort | while read -r program; do
    printf '\n%s\n' "$(basename "$program")"
    "$program" --benchmark_min_time=0.5
  done
fi
echo
"$venv/bin/python" "$root/bench/compare_cli/compare_cli.py" "$root/build/release/bin/curlew" "$state/photos" "$@"
echo
"$venv/bin/python" "$root/bench/compare_ways/compare_ways.py" "$root/build/release/bin/curlew" "$state/photos/macaw.jpg" "$@"
echo
"$venv/bin/python" "$root/bench/service_trials/service_trials.py" "$root/build/release/bin/curlew" "$state/photos" \
  kill=500 turns=500 hostile long=4000
echo
"$venv/bin/python" "$root/bench/service_trials/zmq_trials.py" "$root/build/release/bin/curlew" "$state/photos" \
  echo small=500 deaf=2000
