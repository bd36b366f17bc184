#!/usr/bin/env bash
# Every shell script of ours is clean for shellcheck, and stops at the first error.
set -euo pipefail
cd "$(dirname "$0")/../.."
mapfile -t scripts < <(find . -path ./build -prune -o -path ./var -prune -o -name node_modules -prune -o -name build-aux -prune \
  -o \( -name '*.sh' -o -path ./.ci/run \) -type f -print)
shellcheck -x "${scripts[@]}"
for s in "${scripts[@]}"; do
  case $(head -n 1 "$s") in
  '#!'*) grep -Eq '^set -eu' "$s" || { echo "$s: no set -eu"; exit 1; } ;;
  esac
done
