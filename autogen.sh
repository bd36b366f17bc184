#!/bin/sh
# Makes ./configure from a clone. Needs autoconf, automake and autoconf-archive.
set -eu
cd "$(dirname "$0")"
exec autoreconf --force --install --warnings=all,no-portability
