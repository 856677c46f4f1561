#!/usr/bin/env bash
# Writes requirements*.txt from requirements*.in: every version fixed, with the hashes of all its files.
# usage: lock_requirements.sh   (needs the network; pip-tools comes into a folder of its own and goes again)
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pip-tools==7.6.2
# openvino-telemetry is optional to OpenVINO, and nothing here reports home: it stays out (installed with --no-deps).
for name in requirements requirements-test requirements-bench requirements-npm; do
  "$work/venv/bin/pip-compile" --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
    --no-emit-trusted-host --no-emit-options --no-header --unsafe-package openvino-telemetry -o "$name.txt" "$name.in" 2>/dev/null
  sed -i -e '/^# WARNING/,$d' "$name.txt"
  echo "$name.txt: $(grep -c '==' "$name.txt") packages"
done
