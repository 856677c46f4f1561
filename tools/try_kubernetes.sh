#!/usr/bin/env bash
# Tries deploy/kubernetes on one machine without a cluster: renders every overlay with every set of components that go
# together, checks each object by its schema and all by the rules of tools/kubernetes_*.py, and starts Redis, an API
# node and a worker with the files and variables of their pods. Needs kubectl, redis-server, what `make setup` brings,
# and the program (CURLEW_BINARY, else the last build).
# usage: try_kubernetes.sh [FOLDER]   (FOLDER: a kustomization of your own, which is rendered and checked instead)
set -euo pipefail
source "$(dirname "$0")/steps.sh"
export CURLEW_BINARY=${CURLEW_BINARY:-$root/build/release/bin/curlew}
command -v kubectl >/dev/null || \
  fail "kubectl is missing. One of Kubernetes 1.24 or newer will do; Debian 12's is older."
[ -x "$CURLEW_BINARY" ] || fail "There is no $CURLEW_BINARY: make build"
"$venv/bin/python" -c 'import kubernetes_validate' 2>/dev/null || "$root/tools/setup.sh" test

if [ $# -gt 0 ]; then
  kubectl kustomize "$1" | "$venv/bin/python" "$root/tools/check_kubernetes.py" --binary "$CURLEW_BINARY" - ||
    fail "The lines above say what is wrong with $1."
  exit 0
fi
start=$(now_ms)
told "kubectl" "$(kubectl version --client 2>/dev/null | tr '\n' ' ' | sed 's/Client Version: //; s/ *$//')"
"$venv/bin/python" "$root/tools/check_kubernetes.py" --binary "$CURLEW_BINARY" 2>"$state/log/check_kubernetes.log" ||
  fail "The lines above say what is wrong with deploy/kubernetes." "$(tail -n 5 "$state/log/check_kubernetes.log")"
told "rendered and checked" "$(tail -n 1 "$state/log/check_kubernetes.log")" "$(seconds_since "$start")"
start=$(now_ms)
logged "kubernetes tests" "One test again: .setup/venv/bin/pytest tests/system -k NAME" \
  "$venv/bin/python" -m pytest -q -p no:cacheprovider "$root"/tests/system/test_kubernetes*.py
told "tests" "$(tail -n 1 "$state/log/kubernetes_tests.log")" "$(seconds_since "$start")"
