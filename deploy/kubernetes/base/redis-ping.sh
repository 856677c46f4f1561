# Whether Redis answers those who may ask, with what it has read from its file.
set -eu
REDISCLI_AUTH=$(cat /etc/redis-secret/password)
export REDISCLI_AUTH
answer=$(redis-cli -h 127.0.0.1 --user curlew --no-auth-warning ping)
[ "$answer" = PONG ] || {
  echo "$answer"
  exit 1
}
