# Sourced by try_container.sh and try_compose.sh: images that stand in for those of a registry, which is not asked, and
# what both need. Debian comes by debootstrap, Redis from Debian's package; both are made once, and stay.
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
export DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0 # the classic builder, which every Docker has
debian=debian:bookworm-slim
redis=${REDIS_IMAGE:-redis:7}
image=${CURLEW_IMAGE:-curlew}:${CURLEW_TAG:-latest}
run=curlew-try-$$ # what containers of this run are called
python=$venv/bin/python
origin=

needs() { # COMMAND...: each is here
  local command
  for command in docker curl "$@"; do
    command -v "$command" >/dev/null ||
      fail "$command is needed; Debian's packages are docker.io, docker-compose, debootstrap, curl."
  done
  docker info >/dev/null 2>&1 || fail "Docker does not answer: is dockerd running, and may you use it (root)?"
  "$root/tools/setup.sh" # the Python environment alone
  "$python" "$root/tools/prepare_models.py" "$state" photos
}

expect() { # WHAT PATTERN: what stands on standard input has the pattern
  local text
  text=$(cat)
  grep -qE "$2" <<<"$text" || fail "$1: expected $2, got:" "$text"
  told "$1" "$(grep -E -m 1 -o ".{0,24}($2).{0,24}" <<<"$text" | head -n 1)"
}

expect_same() { # WHAT GOT WANTED
  [ "$2" = "$3" ] || fail "$1: expected $3, got: $2"
  told "$1" "$2"
}

soon() { # WHAT SECONDS COMMAND...: waits until it holds
  local what=$1 end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "$what: it does not come."
    sleep 0.1
  done
}

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
has_image() { docker image inspect "$1" >/dev/null 2>&1; } # IMAGE
health() { docker inspect -f '{{.State.Health.Status}}' "$1"; } # CONTAINER
is_healthy() { [ "$(health "$1")" = healthy ]; } # CONTAINER
size() { echo "$(($(docker image inspect -f '{{.Size}}' "$1") / 1000000)) MB"; } # IMAGE: unpacked
packed_size() { echo "$(($(docker save "$1" | gzip -6 | wc -c) / 1000000)) MB"; } # IMAGE: as it travels

# What this machine knows of reaching Debian's archive and package registries goes in too, so that builds can: an image
# made upon it is for trying, not for others.
add_ways_out() { # TREE
  local file home
  for file in /etc/apt/apt.conf.d/99* /etc/apt/sources.list.d/debian.sources /etc/pip.conf; do
    [ ! -f "$file" ] || cp "$file" "$1$file"
  done
  [ ! -f "$1/etc/apt/sources.list.d/debian.sources" ] || : >"$1/etc/apt/sources.list"
  [ -f /etc/ssl/certs/ca-certificates.crt ] || return 0
  install -D -m 0644 /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"
  cp -r /usr/local/share/ca-certificates "$1/usr/local/share/" 2>/dev/null || true
  home=$(awk -F: '$3 == 0 { print $6; exit }' "$1/etc/passwd") # npm does not look at the system's certificates by itself
  echo cafile=/etc/ssl/certs/ca-certificates.crt >"$1$home/.npmrc"
}

# Debian as the image of that name has it: without caches, manuals and translations.
make_debian() {
  local start tree
  has_image "$debian" && return
  needs debootstrap
  [ "$(id -u)" = 0 ] || fail "debootstrap needs root."
  start=$(now_ms)
  tree=$(mktemp -d /tmp/curlew-tree.XXXXXX)
  logged "debootstrap" "Can Debian's archive be reached?" debootstrap --variant=minbase bookworm "$tree"
  chmod 755 "$tree" # mktemp lets only root in
  rm -rf "$tree"/var/{cache/apt,lib/apt/lists,log}/* "$tree"/usr/share/{doc,man,info,locale}/*
  printf '%s\n' 'path-exclude /usr/share/doc/*' 'path-include /usr/share/doc/*/copyright' \
    'path-exclude /usr/share/man/*' 'path-exclude /usr/share/locale/*' >"$tree/etc/dpkg/dpkg.cfg.d/docker"
  echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };' \
    >"$tree/etc/apt/apt.conf.d/docker-clean"
  add_ways_out "$tree"
  tar -C "$tree" -c . | docker import --change 'CMD ["bash"]' - "$debian" >/dev/null
  rm -rf --one-file-system "$tree"
  told "$debian" "$(size "$debian"), by debootstrap" "$(seconds_since "$start")"
}

# As the image of that name: its user, its volume at /data.
make_redis() {
  local start
  has_image "$redis" && return
  start=$(now_ms)
  logged "image of Redis" "Can Debian's archive be reached?" docker build --network=host -t "$redis" - <<'END'
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
RUN install -d -o redis -g redis /data
VOLUME /data
WORKDIR /data
CMD ["redis-server"]
END
  told "$redis" "$(size "$redis"), from Debian's package" "$(seconds_since "$start")"
}

# Photographs, at an address of this machine that containers reach; $photos is where.
start_origin() {
  local log
  log=$(mktemp)
  gateway=$(docker network inspect bridge -f '{{(index .IPAM.Config 0).Gateway}}')
  gateway=${gateway:-172.17.0.1} # old daemons do not say
  "$python" -u - "$root/tools" "$state/photos" "$gateway" >"$log" <<'END' &
import pathlib, signal, sys
sys.path.insert(0, sys.argv[1])
from local_origin import origin
with origin(pathlib.Path(sys.argv[2]), sys.argv[3]) as base:
    print(base)
    signal.sigwait({signal.SIGTERM})
END
  origin=$!
  soon "an origin on $gateway" 10 grep -q http "$log"
  photos=$(cat "$log")
  rm "$log"
  told "origin" "$photos"
}

stop_origin() { [ -z "$origin" ] || kill "$origin" 2>/dev/null || true; }
