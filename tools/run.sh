#!/usr/bin/env bash
# Sets up, builds the release and starts the service for a person; ends with Ctrl-C. usage: run.sh [ARGUMENT OF curlew service...]
set -euo pipefail
source "$(dirname "$0")/steps.sh"
"$root/tools/setup.sh" build models
EXTRA="-DCURLEW_TESTS=OFF" "$root/tools/build.sh" release curlew
curlew=$root/build/release/bin/curlew
# birds is the default; where its public addresses cannot be reached, the packaged model answers.
if [ -z "${CURLEW_MODELS_CLASSIFY:-}" ] && ! timeout 10 "$curlew" models pull birds >/dev/null 2>&1; then
  export CURLEW_MODELS_CLASSIFY=imagenet
  told "model" "imagenet (birds would be the default; it cannot be reached from here)"
fi
echo
exec "$curlew" service "$@"
