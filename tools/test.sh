#!/usr/bin/env bash
# Builds a preset with its tests and runs them: all C++ tests by CTest, and with dev the system tests by pytest.
# usage: test.sh [PRESET]   (default dev; asan: all tests; tsan: those of the flow, where threads and processes meet)
# CURLEW_MODELS, CURLEW_TEST_IMAGES: folders with real models and photographs; tests that need them skip aloud without.
# What set-up prepared is used too.
set -euo pipefail
source "$(dirname "$0")/steps.sh"
preset=${1:-dev}
targets=()
[ "$preset" != tsan ] || targets=(tests/flow/all tests/unit/spawn/all)
"$root/tools/build.sh" "$preset" "${targets[@]}"
echo
cd "$root"
export CURLEW_MODELS=${CURLEW_MODELS:+$CURLEW_MODELS:}$state/models
ctest --preset "$preset" -j "$jobs" || fail "Tests failed. One test again, with all it says:" \
  "  ctest --preset $preset --output-on-failure -R 'NAME'"
if [ "$preset" = dev ]; then
  echo
  CURLEW_BINARY=$root/build/dev/bin/curlew "$venv/bin/python" -m pytest -q -p no:cacheprovider tests/system ||
    fail "System tests failed. One test again: CURLEW_BINARY=build/dev/bin/curlew .setup/venv/bin/pytest tests/system -k NAME"
fi
