#!/usr/bin/env bash
# Routes that would hold up an event loop are sent to a libfcgi pool by nginx's table.
set -euo pipefail
cd "$(dirname "$0")/../.."
routes=$(grep -hE '^[[:space:]]*\{ (GET|POST|PUT|PATCH|DELETE), ' -A 2 handlers/*.c | awk '
  /\{ (GET|POST|PUT|PATCH|DELETE), "/ { split($0, q, "\""); split($0, m, /[{, ]+/); row = m[2] " " q[2] }
  /\.blocks = true/ { print row; row = "" }' | sed '/^ *$/d' | sort -u)
[ -n "$routes" ] || { echo "found no route that blocks"; exit 1; }
patterns=$(sed -nE 's/^"~([^"]*)".* auth;/\1/p' etc/nginx/atelier_pools)
bad=0
while read -r method path; do
  if ! grep -qE -f <(echo "$patterns") <<<"$method:/api/v1$path"; then
    echo "$method $path blocks, but nginx sends it to the api pool (etc/nginx/atelier_pools)"
    bad=1
  fi
done <<<"$routes"
exit $bad
