# shellcheck shell=bash disable=SC2154
# etc/stack/process.sh - programs of a stack: started in the background as its user, remembered by pid and start time
# (a pid alone may be somebody else's by now), waited for, ended. Sourced by stack.sh, which sets dir and runner.

say() { echo "stack: $*" >&2; }

# Runs a command as the stack's user.
as=()
[ "$(id -u)" != 0 ] || as=(setpriv --reuid "$runner" --regid "$runner" --init-groups env "HOME=$dir")
as_runner() { "${as[@]}" "$@"; }

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# When a process began, in clock ticks since boot; empty when there is none (a zombie is none).
started_at() { # pid
  sed -nE 's/^[0-9]+ \(.*\) [^Z] ([-0-9]+ ){18}([0-9]+) .*/\2/p' "/proc/$1/stat" 2>/dev/null || true
}

# The pid of a service that this stack started and that still runs.
pid_of() { # service
  local pid start
  read -r pid start 2>/dev/null <"$dir/run/$1.pid" || return 1
  [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] && echo "$pid"
}

is_running() { pid_of "$1" >/dev/null; }

# Starts a foreground program in the background.
launch() { # service command...
  local service=$1 pid log=$dir/log/$1.log
  shift
  [ ! -f "$log" ] || [ "$(stat -c %s "$log")" -lt 50000000 ] || mv "$log" "$log.1"
  (cd "$dir" && exec setsid "${as[@]}" "$@" >>"$log" 2>&1 </dev/null 8>&- 9>&-) &
  pid=$!
  disown "$pid"
  echo "$pid $(started_at "$pid")" >"$dir/run/$service.pid"
}

# Until the command succeeds; at most 30 s, and not beyond the service's death.
wait_until() { # service command...
  local service=$1 i
  shift
  for ((i = 0; i < 300; i++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    is_running "$service" || break
    sleep 0.1
  done
  say "$service did not come up; the end of $dir/log/$service.log:"
  tail -n 12 "$dir/log/$service.log" >&2 || true
  return 1
}

halt() { # service [signal]
  local pid i
  if pid=$(pid_of "$1"); then
    kill "-${2:-TERM}" "$pid" 2>/dev/null || true
    for ((i = 0; i < 400; i++)); do
      is_running "$1" || break
      sleep 0.05
    done
    if is_running "$1"; then
      say "$1 did not end within 20 s: killed"
      kill -KILL "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$dir/run/$1.pid"
}
