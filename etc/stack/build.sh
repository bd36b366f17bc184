# shellcheck shell=bash
# etc/stack/build.sh - from the sources to an installed prefix, out of tree. Sourced by quickstart.sh and tests/run.sh.

# Runs a step quietly; shows the end of its log when it fails.
step() { # log command...
  local log=$1
  shift
  if ! "$@" >>"$log" 2>&1; then
    echo "failed: $* (the end of $log:)" >&2
    tail -n 40 "$log" >&2
    return 1
  fi
}

# Configures once, then only makes what has changed. An installed file that is the same stays untouched.
build() { # folder prefix [configure argument...]
  local folder=$1 prefix=$2 root log
  shift 2
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
  mkdir -p "$folder"
  log=$folder/build.log
  : >"$log"
  [ -x "$root/configure" ] || step "$log" "$root/autogen.sh"
  if [ ! -f "$folder/Makefile" ] || [ "$(cat "$folder/prefix" 2>/dev/null)" != "$prefix" ]; then
    echo "Configuring $folder"
    (cd "$folder" && step "$log" "$root/configure" --prefix="$prefix" --sysconfdir="$prefix/etc" "$@")
    echo "$prefix" >"$folder/prefix"
  fi
  echo "Building in $folder"
  step "$log" make -C "$folder" -j"$(nproc)" V=0
  step "$log" make -C "$folder" install INSTALL='/usr/bin/install -C' V=0
}
