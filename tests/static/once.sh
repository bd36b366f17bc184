#!/usr/bin/env bash
# What tests/api/once-is-enough leaves out behind Apache is there and has a reason, and who starts an nginx of their own is in it.
set -euo pipefail
cd "$(dirname "$0")/../.."
list=tests/api/once-is-enough
bad=0
while read -r name why; do
  [ -f "tests/api/$name.test.mjs" ] || { echo "$list: there is no $name"; bad=1; }
  [ -n "$why" ] || { echo "$list: $name without a reason"; bad=1; }
done < <(grep -vE '^(#|$)' "$list")
while IFS= read -r file; do
  grep -q "^$(basename "$file" .test.mjs) " "$list" || { echo "$file starts a server of its own: $list"; bad=1; }
done < <(grep -l 'startStack(' tests/api/*.test.mjs)
exit $bad
