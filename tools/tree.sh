# Sourced by try_package.sh and try_unit.sh, with their arguments: a fresh minimal Debian 12 in a folder, and what is
# expected of what runs in it.
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
package=$(realpath "${1:-$(ls "$root"/build/package/*.deb)}")
[ "$(id -u)" = 0 ] || fail "This makes a Debian tree and changes its root: run it as root."
command -v debootstrap >/dev/null || fail "debootstrap is needed (Debian: debootstrap)."
tree=${TREE:-$(mktemp -d /tmp/curlew-tree.XXXXXX)}
with=() # further variables of what runs inside

inside() { # COMMAND...: in the tree, with the environment of a new account
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    "${with[@]}" chroot "$tree" "$@"
}

expect() { # WHAT PATTERN: what stands on standard input has the pattern
  local text
  text=$(cat)
  grep -qE "$2" <<<"$text" || fail "$1: expected $2, got:" "$text"
  told "$1" "$(grep -E -m 1 -o ".{0,24}($2).{0,24}" <<<"$text" | head -n 1)"
}

make_tree() {
  local start
  start=$(now_ms)
  if [ ! -x "$tree/usr/bin/dpkg" ]; then
    logged "debootstrap" "Can Debian's archive be reached?" debootstrap --variant=minbase bookworm "$tree"
  fi
  chmod 755 "$tree" # mktemp lets only root in
  mkdir -p "$tree/proc"
  mountpoint -q "$tree/proc" || mount --bind /proc "$tree/proc"
  cp -L /etc/resolv.conf "$tree/etc/resolv.conf"
  cp "$package" "$tree/var/tmp/curlew.deb"
  told "tree" "$(du -sh "$tree" --exclude=proc | cut -f1)B" "$(seconds_since "$start")"
  logged "apt-get update" "Can Debian's archive be reached?" inside apt-get -q update
}

remove_tree() {
  ! mountpoint -q "$tree/proc" || umount "$tree/proc"
  [ -n "${TREE:-}" ] || rm -rf --one-file-system "$tree"
}

expect_nothing_left() { # by a purge
  local path
  for path in /usr/bin/curlew /usr/lib/curlew /usr/share/curlew /etc/curlew /var/lib/curlew /var/cache/curlew; do
    [ ! -e "$tree$path" ] || fail "purge left $path"
  done
  told "purge" "nothing left"
}
