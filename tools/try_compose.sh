#!/usr/bin/env bash
# Starts docker-compose.yml and tries what docs/deploy.md says of it: a batch with its events, more workers, one of them
# killed in the middle of a batch, a stop and another start, a push to a registry of its own where docker-registry is
# installed. No image is pulled: tools/images.sh makes those that are missing. What it starts, it takes down, volumes
# included; images stay. Needs Docker, docker-compose or its plugin, and root.
# usage: try_compose.sh [PICTURES]   (of a batch; default 1,500)
# CURLEW_IMAGE, CURLEW_TAG: the image's name (default: curlew:latest); it is built where it is not up to date.
set -euo pipefail
source "$(dirname "$0")/images.sh"
pictures=${1:-1500}
export COMPOSE_PROJECT_NAME=$run CURLEW_MODELS_CLASSIFY=imagenet CURLEW_STORE_LEASE_S=3 CURLEW_BUILD_NETWORK=host
batches=$(mktemp)
shelf=$(mktemp -d) # of the registry
registry=
pushed=

compose() {
  if command -v docker-compose >/dev/null; then
    docker-compose -f "$root/docker-compose.yml" "$@"
  else
    docker compose -f "$root/docker-compose.yml" "$@"
  fi
}

cleanup() {
  stop_origin
  [ -z "$registry" ] || kill "$registry" 2>/dev/null || true
  [ -z "$pushed" ] || docker rmi "$pushed/curlew:latest" >/dev/null 2>&1 || true
  rm -rf "$shelf"
  compose down -v --remove-orphans -t 5 >/dev/null 2>&1 || true
  rm -f "$batches"
}

all_healthy() { # COUNT: so many containers, all healthy
  local id count=0
  for id in $(compose ps -q); do
    is_healthy "$id" || return 1
    count=$((count + 1))
  done
  [ "$count" = "$1" ]
}

of() { # SERVICE: its containers that run
  docker ps -q --filter "label=com.docker.compose.project=$run" --filter "label=com.docker.compose.service=$1"
}
ask_redis() { docker exec "$(of redis)" redis-cli "$@"; } # WORD...

done_by() { # CONTAINER: how many pictures it has named
  local address
  address=$(docker inspect -f "{{(index .NetworkSettings.Networks \"${run}_default\").IPAddress}}" "$1")
  curl -s "http://$address:8001/metrics" | awk '/^curlew_items_total{/ { n += $2 } END { print n + 0 }'
}

up() { # CONTAINERS ARGUMENT...: and tells how long it takes until all are healthy
  local start containers=$1
  shift
  start=$(now_ms)
  logged "docker-compose up" "See also: docker-compose logs" compose up -d "$@"
  soon "$containers healthy containers" 120 all_healthy "$containers"
  told "up" "$containers containers, all healthy" "$(seconds_since "$start")"
  url=http://$(docker port "$(of api)" 8000/tcp | head -n 1)
}

needs
make_debian
make_redis
port=$(free_port)
export CURLEW_PORT=127.0.0.1:$port
start_origin
export CURLEW_FETCH_ALLOW_NET=$gateway/32
trap cleanup EXIT
start=$(now_ms)
logged "docker-compose build" "See Dockerfile." compose build
told "built" "$image" "$(seconds_since "$start")"

if command -v docker-registry >/dev/null; then
  pushed=localhost:$(free_port)
  printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "%s"}\n' "$shelf" "$pushed" \
    >"$shelf/config"
  docker-registry serve "$shelf/config" >"$shelf/log" 2>&1 &
  registry=$!
  soon "a registry" 20 curl -sf "http://$pushed/v2/"
  docker tag "$image" "$pushed/curlew:latest"
  CURLEW_IMAGE=$pushed/curlew CURLEW_TAG=latest logged "docker-compose push" "See above." compose push
  curl -sf "http://$pushed/v2/curlew/tags/list" | expect "pushed" '"latest"'
  told "" "$(du -sm "$shelf/docker" | cut -f1) MB in the registry"
fi

up 4
curl -sf "$url/docs" | expect "GET /docs" 'swagger-ui'
curl -sf "http://localhost:$port/readyz" | expect "by its name" 'ready'
curl -sf "$url/v1/classify?url=$photos/kingfisher.jpg" | expect "GET /v1/classify" '"label": ?"[a-z][^"]*"'
curl -sf "$url/v1/detect?url=$photos/giraffes.jpg" | expect "GET /v1/detect" '"label": ?"giraffe"'
docker exec "$(of api)" curlew predict -u "$photos/giraffes.jpg" 2>/dev/null | expect "predict" '% +giraffe'
docker exec "$(of worker | head -n 1)" curlew healthcheck http://api:8000 || fail "The API node's name leads nowhere."
told "http://api:8000" "is ready, for others of the network"
ask_redis config get maxmemory-policy | expect "Redis" 'noeviction'
ask_redis config get appendonly | expect "Redis" 'yes'
docker inspect -f '{{json .NetworkSettings.Ports}}' "$(of redis)" | expect "its ports" '^(\{\}|\{"6379/tcp":null\})$'
for id in $(of api) $(of worker) $(of redis); do
  grep -q Read-only <<<"$(docker exec "$id" touch /here 2>&1)" || fail "A root can be written to."
  docker exec "$id" grep -q '^CapBnd:.0*$' /proc/1/status || fail "A container has rights."
  [ "$(docker exec "$id" id -u)" != 0 ] || fail "A container runs as root."
done
told "containers" "without root, rights, or a root that can be written to"
"$root/tools/follow_batch.py" "$url" "$photos" "$pictures" 2>"$batches"

up 5 --scale worker=3
for id in $(of worker); do told "worker ${id:0:12}" "$(done_by "$id") pictures so far"; done
victim=$(of worker | head -n 1)
"$root/tools/follow_batch.py" "$url" "$photos" "$pictures" $((pictures / 5)) docker kill "$victim" 2>>"$batches"
expect_same "killed" "$(docker inspect -f '{{.State.ExitCode}}' "$victim")" 137
for id in $(of worker); do told "worker ${id:0:12}" "$(done_by "$id") pictures so far"; done

start=$(now_ms)
ids=$(of api; of worker)
logged "docker-compose stop" "See also: docker-compose logs" compose stop
told "stopped" "" "$(seconds_since "$start")"
for id in $ids; do
  expect_same "exit status" "$(docker inspect -f '{{.Config.Cmd}} {{.State.ExitCode}}' "$id")" \
    "$(docker inspect -f '{{.Config.Cmd}}' "$id") 0"
done
up 5 --scale worker=3
while read -r batch; do
  curl -sf "$url$batch" | grep -qE "\"done\": ?$pictures[,}]" || fail "$batch is not there any more."
done <"$batches"
told "batches" "$(wc -l <"$batches") are still there, done"
told "compose does" "what docs/deploy.md says of it"
