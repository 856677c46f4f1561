#!/usr/bin/env bash
# Builds the image of Curlew and tries what docs/deploy.md says of it: as a user without rights, on a read-only root,
# with photographs from a web server on this machine. No image is pulled: tools/images.sh makes Debian's by debootstrap.
# What it starts, it takes down; images and Docker's cache of the build stay. Needs Docker and root.
# usage: try_container.sh
# CURLEW_IMAGE, CURLEW_TAG: the image's name (default: curlew:latest). CURLEW_MODELS: a folder with the files of
# `birds`: then their download at the first start is tried, too, from a server that stands in for the real one.
set -euo pipefail
source "$(dirname "$0")/images.sh"
keys=$(mktemp -d)
mirror=
kept=(--read-only --cap-drop ALL --security-opt no-new-privileges) # what a container is kept in by

cleanup() {
  stop_origin
  [ -z "$mirror" ] || kill "$mirror" 2>/dev/null || true
  docker rm -f -v "$run" "$run-birds" "$run-https" >/dev/null 2>&1 || true
  docker volume rm "$run" >/dev/null 2>&1 || true
  rm -rf "$keys"
}
trap cleanup EXIT

once() { # ARGUMENT...: of curlew
  docker run --rm "${kept[@]}" --tmpfs /var/lib/curlew:mode=0700,uid=65532,gid=65532 \
    -e "CURLEW_FETCH_ALLOW_NET=$gateway/32" "$image" "$@"
}
at() { echo "http://$(docker port "$1" 8000/tcp | head -n 1)"; } # CONTAINER: its URL on this machine
is_ready() { curl -sf -o /dev/null "$(at "$1")/readyz"; }
status_of() { docker exec "$run" sed -n "s/^$1:\t//p" /proc/1/status; } # KEY: of the service

start_service() { # WHAT: and tells how long it takes until it is ready
  local start
  start=$(now_ms)
  docker run -d --name "$run" "${kept[@]}" -p 127.0.0.1::8000 -v "$run:/var/lib/curlew" \
    -e CURLEW_MODELS_CLASSIFY=imagenet -e "CURLEW_FETCH_ALLOW_NET=$gateway/32" "$image" >/dev/null
  soon "GET /readyz" 60 is_ready "$run"
  told "ready" "$1" "$(seconds_since "$start")"
  url=$(at "$run")
}

needs openssl
make_debian
start=$(now_ms)
logged "docker build" "The lines above tell what is missing." \
  docker build --network=host --build-arg "MODELS=${CURLEW_BUILD_MODELS:-}" -t "$image" "$root"
told "built" "$image" "$(seconds_since "$start")"
told "size" "$(size "$image"), $(packed_size "$image") packed"
(($(docker image inspect -f '{{.Size}}' "$image") < 400000000)) || fail "That is too large: what has come in?"
start_origin

once --version | expect "version" '[0-9]+\.[0-9]+\.[0-9]+'
once classify --model imagenet "$photos/kingfisher.jpg" --format ndjson 2>/dev/null |
  expect "classify" '"label": ?"[a-z][^"]*"'
once detect "$photos/giraffes.jpg" --format ndjson 2>/dev/null | expect "detect" '"label": ?"giraffe"'
once detect "$photos/giraffes.jpg" --annotate /var/lib/curlew/boxes --format ndjson 2>/dev/null |
  expect "detect --annotate" '"status": ?"ok"'
docker run --rm "${kept[@]}" -w /root --tmpfs /var/lib/curlew:mode=0700,uid=65532,gid=65532 "$image" models list 2>&1 |
  expect "in a folder that it may not read" 'imagenet'
once classify --model imagenet --spawn "$photos/kingfisher.jpg" --format ndjson 2>/dev/null |
  expect "classify --spawn" '"status": ?"ok"'

start_service "the first time, with nothing compiled"
start=$(now_ms)
soon "healthy" 60 is_healthy "$run"
told "healthy" "by Docker's own check, every 10 s" "$(seconds_since "$start")"
expect_same "user" "$(status_of Uid | tr '\t' ' ')" "65532 65532 65532 65532"
expect_same "rights" "$(status_of CapBnd) $(status_of NoNewPrivs) $(status_of Seccomp)" "0000000000000000 1 2"
{ docker exec "$run" touch /here 2>&1 || true; } | expect "read-only root" 'Read-only file system'
docker exec "$run" bash -c 'ldd /usr/bin/curlew /usr/lib/curlew/*.so*' | { ! grep "not found"; } ||
  fail "A library is missing."
curl -sf "$url/v1/classify?url=$photos/kingfisher.jpg" | expect "GET /v1/classify" '"label": ?"[a-z][^"]*"'
curl -sf "$url/v1/detect?url=$photos/giraffes.jpg" | expect "GET /v1/detect" '"label": ?"giraffe"'
curl -sf -H 'Content-Type: image/jpeg' --data-binary "@$state/photos/giraffes.jpg" "$url/v1/detect" |
  expect "POST /v1/detect" '"label": ?"giraffe"'
curl -sf "$url/docs" | expect "GET /docs" 'swagger-ui'
docker exec "$run" curlew predict -u "$photos/giraffes.jpg, $photos/horses.jpg" 2>/dev/null |
  expect "predict" '% +(giraffe|horse)'
docker exec "$run" curlew healthcheck || fail "healthcheck says that the service is not ready."
! docker exec "$run" curlew healthcheck http://127.0.0.1:1 2>/dev/null || fail "healthcheck finds what is not there."
told "healthcheck" "0 here, 1 where nobody listens"
{ docker exec "$run" curlew classify http://127.0.0.1:8000/ --format ndjson 2>/dev/null || true; } |
  expect "its own address" 'blocked_by_policy'

batch=$(curl -sf "$url/v1/batches" -H 'Content-Type: application/json' -d "{\"urls\": [\"$photos/dog.jpg\"]}" |
  grep -oE '/v1/batches/[0-9a-f-]{36}' | head -n 1)
docker kill "$run" >/dev/null
docker rm "$run" >/dev/null
start_service "again, from its volume, after it was killed"
soon "the batch" 20 bash -c "curl -sf '$url$batch' | grep -q '\"done\": *1'"
told "its batch" "is there, and done"
start=$(now_ms)
docker stop -t 30 "$run" >/dev/null
expect_same "docker stop" "$(docker inspect -f '{{.State.ExitCode}}' "$run")" 0
told "stopped" "" "$(seconds_since "$start")"

certificate() { # NAMES: for these, where a container may read it
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=birds.example \
    -addext "subjectAltName=$1" -keyout "$keys/key.pem" -out "$keys/cert.pem" 2>/dev/null
  chmod 755 "$keys"
  chown 65532 "$keys/key.pem"
}

certificate DNS:birds.example
docker run -d --name "$run-https" "${kept[@]}" -v "$keys:/etc/curlew/tls:ro" -e CURLEW_MODELS_CLASSIFY=imagenet \
  -e CURLEW_HTTP_TLS_CERTIFICATE=/etc/curlew/tls/cert.pem -e CURLEW_HTTP_TLS_KEY=/etc/curlew/tls/key.pem \
  "$image" >/dev/null
soon "healthy over HTTPS" 60 is_healthy "$run-https"
told "HTTPS" "healthy, with a certificate for another name"

if [ -f "${CURLEW_MODELS:-}/aiy_birds_V1.tflite" ]; then
  certificate "$(grep -oE 'https://[^/]+' "$root/models/birds.toml" | sed 's|https://|DNS:|' | sort -u | paste -sd ,)"
  touch "$keys/hosts"
  "$python" "$root/tools/birds_mirror.py" "$root/models/birds.toml" "$CURLEW_MODELS" "$gateway" "$keys/cert.pem" \
    "$keys/key.pem" >"$keys/hosts" 2>"$keys/log" &
  mirror=$!
  soon "a stand-in for the models' origin" 10 test -s "$keys/hosts"
  mapfile -t hosts < <(sed "s/.*/--add-host=&:$gateway/" "$keys/hosts")
  start=$(now_ms)
  docker run -d --name "$run-birds" "${kept[@]}" -p 127.0.0.1::8000 "${hosts[@]}" -v "$keys/cert.pem:/ca.pem:ro" \
    -e CURLEW_FETCH_CA_FILE=/ca.pem -e "CURLEW_FETCH_ALLOW_NET=$gateway/32" "$image" >/dev/null
  soon "GET /readyz" 60 is_ready "$run-birds"
  told "ready" "with birds, downloaded into the volume" "$(seconds_since "$start")"
  curl -sf "$(at "$run-birds")/v1/classify?url=$photos/kingfisher.jpg" | expect "birds" '"label": ?"Alcedo[^"]*"'
  docker exec "$run-birds" ls /var/lib/curlew/cache/models/birds | expect "in the volume" 'aiy_birds_V1.tflite'
fi
told "the image does" "what docs/deploy.md says of it"
