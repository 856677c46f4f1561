#!/usr/bin/env bash
# Brings every C++ file of ours into the form of .clang-format. usage: format.sh [--check]
set -euo pipefail
source "$(dirname "$0")/steps.sh"
cd "$root"
options=(-i)
[ "${1:-}" != --check ] || options=(--dry-run --Werror)
files=$(find src apps tests bench -name '*.cpp' -o -name '*.hpp')
start=$(now_ms)
# shellcheck disable=SC2086  # one word a file
clang-format-16 "${options[@]}" $files || fail "Some files are not in form: \`make format\` brings them into it."
told "clang-format" "$(echo "$files" | wc -l) files" "$(seconds_since "$start")"
