# Sourced by the scripts beside it: where things are, how a step is told, how a failure ends.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
state=$root/.setup # what is prepared here: the venv, archives, models, photographs, logs, stamps
venv=$state/venv
jobs=$(nproc)
mkdir -p "$state/log" "$state/stamps"

# So that a second clone, or a build directory of another name, finds what ccache kept of this one.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}

now_ms() { echo $(($(date +%s%N) / 1000000)); }

seconds_since() { # START_MS: "12.3 s"
  local ms=$(($(now_ms) - $1))
  printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

told() { printf '  %-20s %-56s %8s\n' "$1" "$2" "${3:-}"; } # WHAT HOW [TIME]

fail() { # LINE...: what went wrong, and what to do about it
  printf '\n%s\n' "$@" >&2
  exit 1
}

logged() { # WHAT HINT COMMAND...: runs it quietly; if it fails, shows the end of its log, and the hint
  local what=$1 hint=$2 log
  shift 2
  log=$state/log/${what// /_}.log
  if ! "$@" >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    fail "$what failed: the lines above are the end of $log" "$hint"
  fi
}

stamped() { # NAME KEY: whether NAME was done for KEY
  [ "$(cat "$state/stamps/$1" 2>/dev/null)" = "$2" ]
}

stamp() { # NAME KEY
  printf '%s\n' "$2" >"$state/stamps/$1.new" && mv "$state/stamps/$1.new" "$state/stamps/$1"
}
