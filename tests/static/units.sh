#!/usr/bin/env bash
# systemd reads the installed units, and they are locked up well; needs STACK_PREFIX.
set -euo pipefail
command -v systemd-analyze >/dev/null || exit 77
cd "$STACK_PREFIX/lib/systemd/system"
export SYSTEMD_UNIT_PATH=$PWD:
said=$(systemd-analyze verify --man=no ./*.service ./*.socket 'atelier-enqueue@sweep.timer' 2>&1) || { echo "$said"; exit 1; }
[ -z "$said" ] || { echo "$said"; exit 1; }
for unit in atelier-fcgi.service atelier-live.service atelier-worker.service; do
  systemd-analyze security --offline=yes --threshold=25 "$unit" >/dev/null || { echo "$unit is too open"; exit 1; }
done
# the one that makes namespaces for strangers' programs
systemd-analyze security --offline=yes --threshold=35 atelier-code.service >/dev/null || { echo "atelier-code.service is too open"; exit 1; }
! grep -rn '@[a-z]*@' . || exit 1
