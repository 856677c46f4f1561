# Starts Redis with users from the Secret, of whose passwords it is given the hashes only, and with a bound of memory
# that leaves room for rewriting its file.
set -eu
umask 077
secret=/etc/redis-secret
users=/run/redis/users.acl

hash_of() { # FILE
  password=$(cat "$1")
  if [ ${#password} -lt 16 ]; then
    echo "the Secret's ${1##*/} has fewer than 16 characters: make one by openssl rand -hex 32" >&2
    exit 1
  fi
  printf %s "$password" | sha256sum | cut -d ' ' -f 1
}

hash=$(hash_of "$secret/password")
rights='-@all +@read +@write +@scripting +@connection +time -@dangerous +info'
{
  echo 'user default off'
  echo "user curlew on #$hash ~curlew:* resetchannels $rights"
} >"$users"
if [ -e "$secret/keda-password" ]; then # may ask how long two lists are, and nothing else
  hash=$(hash_of "$secret/keda-password")
  keys='~curlew:kept:turns ~curlew:direct:turns'
  echo "user keda on #$hash $keys resetchannels -@all +@connection +eval +type +llen" >>"$users"
fi
exec redis-server /etc/redis/redis.conf --maxmemory $((MEMORY_LIMIT * 6 / 10))
