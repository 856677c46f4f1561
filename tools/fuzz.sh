#!/usr/bin/env bash
# Builds the fuzz targets and runs them, one at a time and niced, from tests/fuzz/corpus on; what they learn stays in
# build/fuzz/corpus. usage: fuzz.sh [-t SECONDS] [TARGET...]   (default 60 s each, all targets; -t 0 only builds)
# Exit status 1 with the reproducer's path where one finds something; the others are run all the same.
set -euo pipefail
source "$(dirname "$0")/steps.sh"
seconds=60
if [ "${1:-}" = -t ]; then
  seconds=$2
  shift 2
fi
seeds=$root/tests/fuzz/corpus
build=$root/build/fuzz
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(ls "$seeds")
for target in "${targets[@]}"; do
  [ -d "$seeds/$target" ] || fail "There is no target $target; there are: $(echo $(ls "$seeds"))"
done
"$root/tools/build.sh" fuzz "${targets[@]/#/fuzz_}"
[ "$seconds" != 0 ] || exit 0

last() { # LOG FIELD: the number behind the last FIELD of libFuzzer's lines
  grep -o "$2 *[0-9]*" "$1" | tail -n 1 | awk '{ print $2 }'
}

row() { printf '  %-10s %12s %8s %9s %7s  %s\n' "$@"; }

mkdir -p "$build/findings" "$build/log"
findings=()
echo
row target executions exec/s coverage inputs findings
for target in "${targets[@]}"; do
  corpus=$build/corpus/$target
  log=$build/log/$target.log
  mkdir -p "$corpus"
  cp -n "$seeds/$target"/* "$corpus/"
  rm -f "$build/findings/$target-"*
  # 1 GiB and 10 s are far beyond what an input of this length may cost.
  nice -n 19 "$build/bin/fuzz_$target" -max_total_time="$seconds" -max_len=12000 -timeout=10 -rss_limit_mb=1024 \
    -dict="$root/tests/fuzz/dictionaries/$target.dict" -artifact_prefix="$build/findings/$target-" \
    -print_final_stats=1 "$corpus" >"$log" 2>&1 || true
  found=$(find "$build/findings" -name "$target-*" | sort | head -n 1)
  # A target that ends early without an artifact has a fault too: its log tells.
  if [ -z "$found" ] && ! grep -q '^stat::number_of_executed_units' "$log"; then found=$log; fi
  [ -z "$found" ] || findings+=("$found")
  row "$target" "$(last "$log" 'number_of_executed_units:')" "$(last "$log" 'average_exec_per_sec:')" \
    "$(last "$log" 'cov:')" "$(find "$corpus" -type f | wc -l)" "${found:-none}"
done
[ ${#findings[@]} = 0 ] || fail "Reproducers (build/fuzz/bin/fuzz_TARGET FILE shows the fault; build/fuzz/log has it too):" \
  "${findings[@]/#/  }" "A fix starts with the file as tests/fuzz/corpus/TARGET/found-WHAT."
