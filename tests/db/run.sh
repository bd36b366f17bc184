#!/bin/bash
# tests/db/run.sh PROGRAM - runs a test program beside a migrated PostgreSQL of its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
MIGRATE=$PWD/atelierctl exec "$here/../lib/pg.sh" "$@"
