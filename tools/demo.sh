#!/usr/bin/env bash
# Sets up, builds the release and shows both tasks on photographs from a web server on this machine. usage: demo.sh
set -euo pipefail
source "$(dirname "$0")/steps.sh"
"$root/tools/setup.sh" build models
EXTRA="-DCURLEW_TESTS=OFF" "$root/tools/build.sh" release curlew
echo
rm -rf "$root/build/demo"
exec "$venv/bin/python" "$root/tools/demo.py" "$root/build/release/bin/curlew" "$state/photos" "$root/build/demo"
