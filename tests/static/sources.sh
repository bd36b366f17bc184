#!/usr/bin/env bash
# What a reader may expect of every source file: less than 500 lines (tests: 700), one opening comment, no blanks at line ends.
set -euo pipefail
cd "$(dirname "$0")/../.."
mapfile -t sources < <(find fcgi handlers lib db worker ctl tests etc -path '*/node_modules' -prune -o -type f \
  \( -name '*.[ch]' -o -name '*.sh' -o -name '*.mjs' \) -print)
bad=0
for f in "${sources[@]}"; do
  most=500
  case $f in tests/*) most=700 ;; esac
  if [ "$(wc -l <"$f")" -ge $most ]; then echo "$f: $most lines or more"; bad=1; fi
  if ! head -n 3 "$f" | grep -qE '^(/\*|//|#[^!])'; then echo "$f: does not say what it is for"; bad=1; fi
  if grep -nE '[[:blank:]]+$' "$f"; then echo "$f: blanks at a line's end"; bad=1; fi
done
exit $bad
