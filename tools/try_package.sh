#!/usr/bin/env bash
# Installs the package on a fresh minimal Debian 12 in a folder, as apt does, and tries what users do with it: the command
# line, the service over HTTP and ZeroMQ, its stop, removing it. Needs root, debootstrap, curl and Debian's archive.
# usage: try_package.sh [PACKAGE.deb]
# TREE: the folder to make (default: a new one in /tmp); one that is there already, fresh from debootstrap, is used as it is.
set -euo pipefail
source "$(dirname "$0")/tree.sh"
service=
origin=
port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port

cleanup() {
  [ -z "$service" ] || kill "$service" 2>/dev/null || true
  [ -z "$origin" ] || kill "$origin" 2>/dev/null || true
  remove_tree
}
trap cleanup EXIT

answers() { # URL SECONDS: waits until it answers with 2xx
  local end=$((SECONDS + $2))
  until curl -sf -o /dev/null "$1"; do
    kill -0 "$service" 2>/dev/null || fail "The service ended before it answered." "$(tail -n 20 "$tree/tmp/service.log")"
    ((SECONDS < end)) || fail "$1 does not answer." "$(tail -n 20 "$tree/tmp/service.log")"
    sleep 0.2
  done
}

make_tree
printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d" # no services start here
chmod +x "$tree/usr/sbin/policy-rc.d"

start=$(now_ms)
logged "apt-get install" "What the package depends on is not to be had." \
  inside apt-get -q install -y --no-install-recommends /var/tmp/curlew.deb
told "install" "$(du -h "$package" | cut -f1)B, installed $(inside dpkg-query -W -f '${Installed-Size}' curlew) KiB" \
  "$(seconds_since "$start")"
inside dpkg --verify curlew | expect "files" '^$'
inside id curlew | expect "account" 'gid=[0-9]+\(curlew\)'

cp "$state/photos/kingfisher.jpg" "$state/photos/giraffes.jpg" "$tree/tmp/"
inside curlew --version | expect "version" '[0-9]+\.[0-9]+\.[0-9]+'
inside curlew classify --model imagenet /tmp/kingfisher.jpg --format ndjson 2>/dev/null |
  expect "classify" '"label": ?"[a-z][^"]*"'
inside curlew classify --spawn --model imagenet /tmp/kingfisher.jpg --format ndjson 2>/dev/null |
  expect "classify --spawn" '"status": ?"ok"'
inside curlew detect /tmp/giraffes.jpg --format ndjson 2>/dev/null | expect "detect" '"label": ?"giraffe"'
inside curlew detect /tmp/giraffes.jpg --annotate /tmp/boxes --format ndjson 2>/dev/null |
  expect "detect --annotate" '"status": ?"ok"'
inside curlew models verify imagenet 2>&1 | expect "models verify" 'imagenet'
for file in ${CURLEW_MODELS:+"$CURLEW_MODELS"/aiy_birds_V1* "$CURLEW_MODELS"/yolox_nano.onnx}; do # models that are downloaded
  install -D -m 0644 "$file" "$tree/usr/local/share/curlew/$(basename "$file")"
done
if [ -n "${CURLEW_MODELS:-}" ]; then
  with=(CURLEW_MODELS=/usr/local/share/curlew)
  inside curlew classify /tmp/kingfisher.jpg --format ndjson 2>/dev/null | expect "TFLite" '"name": ?"birds"'
  inside curlew detect --model yolox-nano /tmp/giraffes.jpg --format ndjson 2>/dev/null | expect "ONNX" '"label": ?"giraffe"'
  with=()
fi
inside bash -c 'ldd /usr/bin/curlew /usr/lib/curlew/*.so*' | { ! grep "not found"; } || fail "A library is missing."
inside bash -c '. /usr/share/bash-completion/completions/curlew && complete -p curlew' | expect "completions" 'curlew'

# As the unit has it: environment, account, folders. Systemd itself is for try_unit.sh.
unit=$tree/usr/lib/systemd/system/curlew.service
mapfile -t with < <(sed -n 's/^Environment=//p' "$unit")
sed -i -E -e "s|^listen = .*|listen = \"127.0.0.1:$port\"|" -e 's|^classify = .*|classify = "imagenet"|' \
  -e 's|^allow_net = .*|allow_net = ["127.0.0.0/8"]|' -e '/^(pub|rep)_sockets/s|"tcp://[^"]*", ||' \
  "$tree/etc/curlew/curlew.toml"
inside install -d -o curlew -g curlew -m 0700 /var/lib/curlew /var/cache/curlew /run/curlew
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "${with[@]}" chroot "$tree" setpriv --reuid curlew --regid curlew --clear-groups \
  --no-new-privs --bounding-set=-all /usr/bin/curlew service /etc/curlew/curlew.toml >"$tree/tmp/service.log" 2>&1 &
service=$!
answers "$url/readyz" 60
curl -sf -H 'Content-Type: image/jpeg' --data-binary "@$state/photos/kingfisher.jpg" "$url/v1/classify" |
  expect "POST /v1/classify" '"label": ?"[a-z][^"]*"'
curl -sf -H 'Content-Type: image/jpeg' --data-binary "@$state/photos/giraffes.jpg" "$url/v1/detect" |
  expect "POST /v1/detect" '"label": ?"giraffe"'
touch "$tree/tmp/origin.log"
(cd "$state/photos" && exec "$venv/bin/python" -u -m http.server --bind 127.0.0.1 0) >"$tree/tmp/origin.log" 2>&1 &
origin=$!
until grep -qoE 'port [0-9]+' "$tree/tmp/origin.log"; do kill -0 "$origin"; done
photos=http://127.0.0.1:$(grep -oE 'port [0-9]+' "$tree/tmp/origin.log" | cut -d' ' -f2)
curl -sf "$url/v1/classify?url=$photos/kingfisher.jpg" | expect "GET /v1/classify" '"status": ?"ok"'
with=()
inside curlew predict /etc/curlew/curlew.toml -u "$photos/giraffes.jpg" 2>/dev/null | expect "predict" '% +giraffe'
kill "$origin"
origin=
[ -s "$tree/var/lib/curlew/store.db" ] || fail "The store is not in /var/lib/curlew."
kill -HUP "$service"
curl -sf "$url/livez" | expect "SIGHUP" '.'
kill -TERM "$service"
status=0
wait "$service" || status=$?
service=
[ "$status" = 0 ] || fail "The service ended with $status." "$(tail -n 20 "$tree/tmp/service.log")"
told "SIGTERM" "ended with 0"

logged "apt-get purge" "A script of the package failed." inside apt-get -q purge -y curlew
expect_nothing_left
