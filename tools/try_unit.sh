#!/usr/bin/env bash
# Installs the package where systemd runs, and tries what the unit promises: it starts, answers, keeps what people set,
# comes back when it is killed, stops, and is gone after a purge. Systemd is process 1 of a fresh minimal Debian 12 in a
# folder, with namespaces and a control group of its own. Needs root with the right to make these, debootstrap, curl and
# Debian's archive. usage: try_unit.sh [PACKAGE.deb]
# TREE: the folder to make (default: a new one in /tmp); one that is there, fresh from debootstrap, is used as it is.
set -euo pipefail
source "$(dirname "$0")/tree.sh"
groups=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)
[ -n "$groups" ] && mkdir "$groups/curlew-try" 2>/dev/null ||
  fail "The right to make control groups (cgroup2) is needed."
keeper= # of the namespaces; the process that systemd is the child of
init=
url=http://127.0.0.1:8000
settings=$tree/etc/curlew/curlew.toml

cleanup() {
  [ -z "$init" ] || kill -KILL "$init" 2>/dev/null || true # and with it, all in its namespaces
  [ -z "$keeper" ] || wait "$keeper" 2>/dev/null || true
  find "$groups/curlew-try" -depth -type d -exec rmdir {} + 2>/dev/null || true
  remove_tree
}
trap cleanup EXIT

become_init='
mount --bind "$0" "$0"
cd "$0"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
  touch dev/$node
  mount --bind /dev/$node dev/$node
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
ip link set lo up
mkdir -p .outside
pivot_root . .outside
umount -l .outside
exec /lib/systemd/systemd --log-target=null --show-status=false
'

start_systemd() {
  umount "$tree/proc" # it has its own
  (
    echo "$BASHPID" >"$groups/curlew-try/cgroup.procs"
    exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
      unshare --mount --pid --fork --uts --ipc --net --cgroup bash -e -c "$become_init" "$tree"
  ) >"$tree/var/tmp/init.log" 2>&1 &
  keeper=$!
  until init=$(cat "/proc/$keeper/task/$keeper/children" 2>/dev/null) && init=${init%% *} && [ -n "$init" ]; do
    kill -0 "$keeper" 2>/dev/null || fail "Namespaces cannot be made here." "$(cat "$tree/var/tmp/init.log")"
  done
  soon "systemd" within systemctl is-system-running --wait
}

within() { # COMMAND...: where systemd runs
  nsenter -t "$init" --mount --pid --uts --ipc --net --cgroup env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive SYSTEMD_COLORS=0 "$@"
}

ask() { nsenter -t "$init" --net curl -sf "$@"; } # ARGUMENT...: curl's

soon() { # WHAT COMMAND...: until it holds
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    kill -0 "$keeper" 2>/dev/null || fail "systemd ended." "$(cat "$tree/var/tmp/init.log")"
    ((SECONDS < end)) || fail "$what: it does not come." "$(within journalctl --no-pager -n 20 2>/dev/null)"
    sleep 0.2
  done
}

property() { within systemctl show -p "$1" --value curlew; }
set_key() { sed -i "s|^$1 = .*|$1 = $2|" "$settings"; } # KEY VALUE: as a person with an editor
is_back() { [ "$(property NRestarts)" = 1 ] && ask -o /dev/null $url/readyz; }
has_failed() { within systemctl is-failed -q curlew; }

certificate() { # NAME: a new one of that name, where the service may read it, as docs/install.md has it
  within openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj "/CN=$1" \
    -keyout /var/tmp/privkey.pem -out /var/tmp/fullchain.pem
  within install -o root -g curlew -m 640 /var/tmp/fullchain.pem /var/tmp/privkey.pem /etc/curlew/tls/
}

shows() { ask -k -v "$1/livez" 2>&1 | grep "subject: CN=$2"; } # URL NAME

next_version() { # the package again, with another version and other settings of its own
  dpkg-deb -R "$tree/var/tmp/curlew.deb" "$tree/var/tmp/next"
  sed -i 's/^Version: .*/&+next/' "$tree/var/tmp/next/DEBIAN/control"
  echo '# a new line of the package' >>"$tree/var/tmp/next/etc/curlew/curlew.toml"
  dpkg-deb -Znone -b "$tree/var/tmp/next" "$tree/var/tmp/next.deb"
}

make_tree
logged "apt-get install systemd" "Can Debian's archive be reached?" \
  inside apt-get -q install -y --no-install-recommends systemd systemd-sysv
logged "apt-get download" "What the package depends on is not to be had." \
  inside apt-get -q install -y --no-install-recommends --download-only /var/tmp/curlew.deb
start_systemd # and from here on without a network

start=$(now_ms)
logged "apt-get install curlew" "A script of the package failed." \
  within apt-get -q install -y --no-install-recommends /var/tmp/curlew.deb
soon "GET /readyz" ask $url/readyz
told "installed" "and started" "$(seconds_since "$start")"
within systemctl is-enabled curlew | expect "at boot" '^enabled$'
within systemd-analyze --man=no verify curlew.service 2>&1 | expect "verified" '^$'
within systemd-analyze --no-pager security curlew | expect "kept in" 'exposure level.*'
ask -H 'Content-Type: image/jpeg' --data-binary "@$state/photos/giraffes.jpg" $url/v1/detect |
  expect "POST /v1/detect" '"label": ?"giraffe"'
[ -s "$tree/var/lib/curlew/store.db" ] || fail "The store is not in /var/lib/curlew."
within ls /run/curlew | expect "ZeroMQ" 'curlew_rep.sock'

set_key classify '"imagenet"'
within systemctl restart curlew
soon "GET /readyz" ask $url/readyz
ask -H 'Content-Type: image/jpeg' --data-binary "@$state/photos/kingfisher.jpg" $url/v1/classify |
  expect "a setting" '"name": ?"imagenet"'
within systemctl reload curlew
ask $url/livez | expect "reload" 'alive'
within bash -c "kill -KILL $(property MainPID)"
soon "the next start" is_back
told "killed" "and started again"

logged "certificate" "openssl could not make it." certificate first
within mkdir -p /etc/systemd/system/curlew.service.d
printf '%s\n' '[Service]' AmbientCapabilities=CAP_NET_BIND_SERVICE CapabilityBoundingSet=CAP_NET_BIND_SERVICE \
  >"$tree/etc/systemd/system/curlew.service.d/port.conf" # as docs/install.md has it
within systemctl daemon-reload
set_key listen '"127.0.0.1:443"'
set_key tls_certificate '"/etc/curlew/tls/fullchain.pem"'
set_key tls_key '"/etc/curlew/tls/privkey.pem"'
within systemctl restart curlew
soon "HTTPS" shows https://127.0.0.1 first
logged "certificate" "openssl could not make it." certificate second
within systemctl reload curlew
soon "the second certificate" shows https://127.0.0.1 second
told "HTTPS" "at port 443, and a new certificate after a reload"
set_key tls_certificate '""'
set_key tls_key '""'

set_key listen '"nowhere"'
within systemctl restart curlew || true
soon "the failure" has_failed
property ExecMainStatus | expect "a wrong setting" '^2$'
within journalctl --no-pager -u curlew -n 5 | expect "journal" '"nowhere" is no address'
set_key listen '"127.0.0.1:8000"'
within systemctl restart curlew
soon "GET /readyz" ask $url/readyz

pid=$(property MainPID)
logged "next version" "dpkg-deb could not pack it." next_version
logged "apt-get upgrade" "A script of the package failed." \
  within apt-get -q install -y -o Dpkg::Options::=--force-confold /var/tmp/next.deb
soon "GET /readyz" ask $url/readyz
grep '^classify' "$settings" | expect "upgrade" '"imagenet"'
[ "$(property MainPID)" != "$pid" ] || fail "An upgrade leaves the old program running."

start=$(now_ms)
within systemctl stop curlew
property Result | expect "stop" '^success$'
told "stopped" "" "$(seconds_since "$start")"
logged "apt-get purge" "A script of the package failed." within apt-get -q purge -y curlew
(cd "$tree/etc/curlew" && find . -type f | sort | tr '\n' ' ') |
  expect "a person's own" '^./tls/fullchain.pem ./tls/privkey.pem $'
rm -r "$tree/etc/curlew"
expect_nothing_left
within systemctl list-unit-files --no-pager | { ! grep curlew; } || fail "The unit is left."
