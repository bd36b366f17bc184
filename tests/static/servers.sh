#!/usr/bin/env bash
# nginx and Apache accept their configuration, the one of a stack and the one that is installed; needs STACK_PREFIX.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=$PATH:/usr/sbin
dir=$(mktemp -d "${TMPDIR:-/tmp}/atelier-servers.XXXXXX")
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
STACK_APACHE=1 etc/stack/stack.sh configtest "$dir"
STACK_ENGINE=libfcgi etc/stack/stack.sh configtest "$dir"
! grep -n 'fastcgi_keep_conn on' "$dir/etc/nginx-atelier.conf" || { echo "libfcgi pools must not keep connections"; exit 1; }

share=$STACK_PREFIX/share/atelier/etc
! grep -n '@[A-Z_]*@' "$share/nginx/atelier.conf" "$share/apache/atelier.conf" || exit 1
mkdir -p "$dir/log" "$dir/cache"
sed -e "s#/run/atelier/#$dir/run/#g; s#listen 80;#listen 127.0.0.1:1080;#; s#cache_path [^ ]*/cache/atelier#cache_path $dir/cache#" \
  -e "s#temp_path .*/spool#temp_path $dir/media/spool#" "$share/nginx/atelier.conf" >"$dir/etc/nginx-atelier.conf"
nginx -t -q -c "$dir/etc/nginx.conf" -e "$dir/log/nginx-error.log"
{
  echo 'Listen 127.0.0.1:1080'
  cat "$share/apache/atelier.conf"
} >"$dir/etc/apache-atelier.conf"
apache2 -t -f "$dir/etc/apache.conf"

# The largest body must be the same number everywhere.
size=$(sed -nE 's/^X\(upload, max_size, SIZE, "([0-9]+)G".*/\1/p' lib/settings.def)
for f in "$share/nginx/atelier.conf" "$share/apache/atelier.conf"; do
  grep -q "$((size * 1024 * 1024 * 1024))" "$f" || { echo "$f does not have upload.max_size"; exit 1; }
done
