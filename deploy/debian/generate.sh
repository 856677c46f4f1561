#!/usr/bin/env bash
# Writes what the program itself tells for its package: completions, config, manual page. usage: generate.sh CURLEW FOLDER
set -euo pipefail
curlew=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)

# Only defaults: nothing of who builds gets into the package.
told() { env -i PATH="$PATH" LC_ALL=C.UTF-8 "$curlew" "$@"; }

verbatim() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"; } # text as a manual page shows it line by line

section() { # TITLE: what stands on standard input, as it is
  printf '.SH %s\n.nf\n' "$1"
  verbatim
  printf '.fi\n'
}

manual_page() {
  local version
  version=$(told --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)
  printf '.TH CURLEW 1 "" "Curlew %s" "User Commands"\n' "$version"
  printf '.SH NAME\ncurlew \\- turn a list of image URLs into labels\n'
  told --help | section SYNOPSIS
  for subcommand in classify detect service worker predict models healthcheck; do
    told "$subcommand" --help | section "CURLEW ${subcommand^^}"
  done
  printf '%s\n' '.SH FILES' '.TP' '/etc/curlew/curlew.toml' 'Settings of the service that systemd starts.' \
    '.TP' '/usr/share/doc/curlew/' 'How to install and configure it, its errors, its models.'
}

# The program's defaults for the folders that the unit makes: /tmp is private there, and `sqlite:` a user's own.
service_config() {
  local config
  config=$(told service --defaultconfig | sed -e '/^\(pub\|rep\)_sockets = /s|ipc:///tmp/|ipc:///run/curlew/|' \
    -e 's|^url = "sqlite:"$|url = "sqlite:/var/lib/curlew/store.db"|')
  for changed in ipc:///run/curlew/curlew_pub.sock ipc:///run/curlew/curlew_rep.sock sqlite:/var/lib/curlew/store.db; do
    grep -q "^[^#]*\"$changed\"" <<<"$config" || {
      echo "generate.sh: --defaultconfig has another form now; $changed is not set" >&2
      return 1
    }
  done
  cat "$here/curlew.toml.head"
  printf '%s\n' "$config"
}

mkdir -p "$folder"
for shell in bash zsh fish; do
  told --show-completion "$shell" >"$folder/completion.$shell"
done
service_config >"$folder/curlew.toml"
manual_page | gzip -9n >"$folder/curlew.1.gz"
gzip -9nc "$here/../../CHANGELOG.md" >"$folder/changelog.gz"
