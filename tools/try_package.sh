#!/usr/bin/env bash
# Installs the package on a fresh minimal Debian 12 in a folder, as apt does, and tries what users do with it: the command
# line, the service over HTTP and ZeroMQ, its stop, removing it. Needs root, debootstrap, curl and Debian's archive.
# usage: try_package.sh [PACKAGE.deb]
# TREE: the folder to make (default: a new one in /tmp); one that is there already, fresh from debootstrap, is used as it is.
set -euo pipefail
source "$(dirname "$0")/steps.sh"
package=$(realpath "${1:-$(ls "$root"/build/package/*.deb)}")
tree=${TREE:-$(mktemp -d /tmp/curlew-tree.XXXXXX)}
service=
origin=
port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port

[ "$(id -u)" = 0 ] || fail "This makes a Debian tree and changes its root: run it as root."
command -v debootstrap >/dev/null || fail "debootstrap is needed (Debian: debootstrap)."

inside() { # COMMAND...: in the tree, with the environment of a new account
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    "${with[@]}" chroot "$tree" "$@"
}
with=()

cleanup() {
  [ -z "$service" ] || kill "$service" 2>/dev/null || true
  [ -z "$origin" ] || kill "$origin" 2>/dev/null || true
  ! mountpoint -q "$tree/proc" || umount "$tree/proc"
  [ -n "${TREE:-}" ] || rm -rf --one-file-system "$tree"
}
trap cleanup EXIT

expect() { # WHAT PATTERN: what stands on standard input has the pattern
  local text
  text=$(cat)
  grep -qE "$2" <<<"$text" || fail "$1: expected $2, got:" "$text"
  told "$1" "$(grep -E -m 1 -o ".{0,24}($2).{0,24}" <<<"$text" | head -n 1)"
}

answers() { # URL SECONDS: waits until it answers with 2xx
  local end=$((SECONDS + $2))
  until curl -sf -o /dev/null "$1"; do
    kill -0 "$service" 2>/dev/null || fail "The service ended before it answered." "$(tail -n 20 "$tree/tmp/service.log")"
    ((SECONDS < end)) || fail "$1 does not answer." "$(tail -n 20 "$tree/tmp/service.log")"
    sleep 0.2
  done
}

start=$(now_ms)
if [ ! -x "$tree/usr/bin/dpkg" ]; then
  logged "debootstrap" "Can Debian's archive be reached?" debootstrap --variant=minbase bookworm "$tree"
fi
chmod 755 "$tree" # mktemp lets only root in
mkdir -p "$tree/proc"
mountpoint -q "$tree/proc" || mount --bind /proc "$tree/proc"
cp -L /etc/resolv.conf "$tree/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d" # no services start here
chmod +x "$tree/usr/sbin/policy-rc.d"
told "tree" "$(du -sh "$tree" --exclude=proc | cut -f1)B" "$(seconds_since "$start")"

start=$(now_ms)
cp "$package" "$tree/tmp/curlew.deb"
logged "apt-get update" "Can Debian's archive be reached?" inside apt-get -q update
logged "apt-get install" "What the package depends on is not to be had." \
  inside apt-get -q install -y --no-install-recommends /tmp/curlew.deb
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

unit=$tree/usr/lib/systemd/system/curlew.service
if command -v systemd-analyze >/dev/null; then # systemd itself does not run in the tree
  sed 's|^ExecStart=/usr/bin/curlew|ExecStart=/bin/true|' "$unit" >"$tree/tmp/curlew.service"
  systemd-analyze --man=no verify "$tree/tmp/curlew.service" 2>&1 | expect "unit" '^$'
  systemd-analyze --no-pager --offline=true security "$tree/tmp/curlew.service" 2>&1 | expect "unit" 'exposure level.*'
fi

# The environment, account and folders that the unit has; another port, ipc alone, and origins of this machine.
mapfile -t with < <(sed -n 's/^Environment=//p' "$unit" | sed -E 's|tcp://[^,]*,||')
with+=("CURLEW_HTTP_LISTEN=127.0.0.1:$port" "CURLEW_MODELS_CLASSIFY=imagenet" "CURLEW_FETCH_ALLOW_NET=127.0.0.0/8")
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
printf '[zmq]\npub_sockets = "ipc:///run/curlew/curlew_pub.sock"\nrep_sockets = "ipc:///run/curlew/curlew_rep.sock"\n' \
  >"$tree/tmp/client.toml"
inside curlew predict /tmp/client.toml -u "$photos/giraffes.jpg" 2>/dev/null | expect "predict" '% +giraffe'
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
for path in /usr/bin/curlew /usr/lib/curlew /usr/share/curlew /etc/curlew /var/lib/curlew /var/cache/curlew; do
  [ ! -e "$tree$path" ] || fail "purge left $path"
done
told "purge" "nothing left"
