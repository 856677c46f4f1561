#!/usr/bin/env bash
# Configures (if needed) and builds build/NAME. usage: build.sh NAME [TARGET...]
# PRESET: CMake's preset, if it is not NAME; EXTRA: further arguments of cmake. The build directory keeps both.
set -euo pipefail
source "$(dirname "$0")/steps.sh"
name=$1
shift
dir=$root/build/$name
start=$(now_ms)

if [ ! -f "$dir/build.ninja" ]; then
  # shellcheck disable=SC2086  # EXTRA is a list of words
  logged "configure $name" "Something that the build needs is missing: \`make setup\` installs it." \
    cmake -S "$root" -B "$dir" --preset "${PRESET:-$name}" ${EXTRA:-}
fi
told "build $name" "building with $jobs jobs"
quiet=--quiet # errors and warnings still come
[ ! -t 1 ] || quiet=
ninja -C "$dir" -j "$jobs" ${quiet:+"$quiet"} "$@" ||
  fail "The build of $name failed: see the first error above."
if [ "$name" = release ]; then # the program looks for models in <its folder>/../share/curlew/models
  mkdir -p "$dir/share/curlew"
  ln -sfn "$state/models" "$dir/share/curlew/models"
fi
told "build $name" "build/$name/bin/" "$(seconds_since "$start")"
