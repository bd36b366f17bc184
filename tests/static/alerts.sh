#!/usr/bin/env bash
# The alert rules are valid, and each fires when it must.
set -euo pipefail
command -v promtool >/dev/null || exit 77
cd "$(dirname "$0")/../../etc/prometheus"
promtool check rules atelier.rules.yml
promtool test rules atelier.rules.test.yml
