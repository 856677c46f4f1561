#!/usr/bin/env bash
# Everything that reads the code without running it: form, layers, clang-tidy, shell and Python syntax. usage: lint.sh
set -euo pipefail
source "$(dirname "$0")/steps.sh"
cd "$root"
"$root/tools/format.sh" --check

start=$(now_ms)
"$venv/bin/python" tools/check_layers.py || fail "The house's order is broken: ARCHITECTURE.md says what may know what."
told "layers" "kept" "$(seconds_since "$start")"

start=$(now_ms)
for script in .ci/run tools/*.sh; do bash -n "$script"; done
"$venv/bin/python" - tools tests bench <<'EOF'
import ast, pathlib, sys
for folder in sys.argv[1:]:
    for path in pathlib.Path(folder).rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), str(path))
EOF
told "scripts" "parse" "$(seconds_since "$start")"

start=$(now_ms)
dir=$root/build/dev
# Each time: for a file that the list of commands does not have yet, clang-tidy makes one up that it cannot read itself.
logged "configure dev" "Something that the build needs is missing: \`make setup\` installs it." \
  cmake -S "$root" -B "$dir" --preset dev
told "clang-tidy" "reading what changed, with $jobs jobs"
"$venv/bin/python" tools/tidy.py "$dir" "$state" "$jobs" ||
  fail "clang-tidy found the above. What .clang-tidy asks is to be met, not silenced."
told "" "clean" "$(seconds_since "$start")"
