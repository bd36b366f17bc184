#!/usr/bin/env bash
# The manual pages are sound, and there is one for each program that is installed; needs STACK_PREFIX.
set -euo pipefail
command -v mandoc >/dev/null || exit 77
cd "$(dirname "$0")/../.."
mandoc -Tlint -Wwarning doc/man/*.8
for program in "$STACK_PREFIX"/bin/atelier* "$STACK_PREFIX"/sbin/atelier*; do
  [ -f "doc/man/$(basename "$program").8" ] || { echo "no manual page for $program"; exit 1; }
done
