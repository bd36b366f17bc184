#!/usr/bin/env bash
# Routes that would hold up an event loop are sent to a libfcgi pool by nginx's table.
set -euo pipefail
cd "$(dirname "$0")/../.."
routes=$(grep -hE '^[[:space:]]*\{ (GET|POST|PUT|PATCH|DELETE), ' -A 2 handlers/*.c handlers/admin/*.c | awk '
  /\{ (GET|POST|PUT|PATCH|DELETE), "/ { split($0, q, "\""); split($0, m, /[{, ]+/); method = m[2]; path = q[2]; blocks = root = 0 }
  # a row that is made by a macro of the pages is at the root, and blocks
  /PAGE_ROW\(|FORM_ROW\(|PAGE_ROWS\(/ { blocks = root = 1 }
  /\.blocks = true/ { blocks = 1 }
  /\.root = true/ { root = 1 }
  blocks && path != "" && (root || !/\{ (GET|POST|PUT|PATCH|DELETE), "/ || /\.blocks/) { seen[method " " path] = root }
  END { for (r in seen) { split(r, p, " "); print p[1], (seen[r] ? "" : "/api/v1") p[2] } }' | sort -u)
[ -n "$routes" ] || { echo "found no route that blocks"; exit 1; }
patterns=$(sed -nE 's/^"~([^"]*)".* auth;/\1/p' etc/nginx/atelier_pools)
bad=0
while read -r method path; do
  if ! grep -qE -f <(echo "$patterns") <<<"$method:$path"; then
    echo "$method $path blocks, but nginx sends it to the api pool (etc/nginx/atelier_pools)"
    bad=1
  fi
done <<<"$routes"
exit $bad
