# shellcheck shell=bash disable=SC2154
# etc/stack/config.sh - the folders and the configuration of a stack. Sourced by stack.sh.

# What was decided at the first start stays, so that addresses are the same after down and up.
remember_settings() {
  PREFIX='' PORT='' APACHE_PORT='' AUTHZ_PORT='' ENGINE='' CHILDREN='' FAST='' APACHE=''
  [ ! -f "$dir/stack.env" ] || load_settings
  PREFIX=${STACK_PREFIX:-$PREFIX}
  PORT=${STACK_PORT:-${PORT:-$(free_port)}}
  APACHE_PORT=${STACK_APACHE_PORT:-${APACHE_PORT:-$(free_port)}}
  AUTHZ_PORT=${AUTHZ_PORT:-$(free_port)}
  ENGINE=${STACK_ENGINE:-${ENGINE:-event}}
  CHILDREN=${STACK_CHILDREN:-${CHILDREN:-2}}
  FAST=${STACK_FAST:-${FAST:-0}}
  APACHE=${STACK_APACHE:-${APACHE:-0}}
  [ -n "$PREFIX" ] || { say "STACK_PREFIX must say where the product is installed"; exit 64; }
  printf '%s=%q\n' PREFIX "$PREFIX" PORT "$PORT" APACHE_PORT "$APACHE_PORT" AUTHZ_PORT "$AUTHZ_PORT" \
    ENGINE "$ENGINE" CHILDREN "$CHILDREN" FAST "$FAST" APACHE "$APACHE" >"$dir/stack.env"
}

load_settings() {
  # shellcheck source=/dev/null
  . "$dir/stack.env"
}

make_folders() {
  local f
  for f in run log etc cache/nginx www redis mail music media/public media/originals media/incoming media/spool; do
    mkdir -p "$dir/$f"
  done
  if [ "$(id -u)" = 0 ]; then
    id "$runner" >/dev/null 2>&1 ||
      useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin "$runner"
    chown "$runner:" "$dir"/{run,log,etc,cache,cache/nginx,redis,mail,media} "$dir"/media/*
    chmod 755 "$dir"
  fi
}

pool() { # name engine children connections listen
  local max=100000
  [ "$2" != event ] || max=10000000 # it serves so many more: a child is replaced about as often
  cat <<EOF

[pool:$1]
engine = $2
listen = $5
children = $3
max_requests = $max
connections = $4
EOF
}

atelier_conf() {
  cat <<EOF
[main]
base_url = http://localhost:$PORT
database_url = host=$dir/run dbname=atelier user=atelier_app
database_owner_url = host=$dir/run dbname=atelier user=atelier_owner
redis_url = unix://$dir/run/redis.sock
run_dir = $dir/run
secret_file = $dir/etc/secret

[media]
root = $dir/media

[mail]
dir = $dir/mail

[recap]
music_dir = $dir/music

[live]
listen = unix:$dir/run/live.sock
EOF
  [ "$FAST" != 1 ] || printf '\n[auth]\nargon2_memory = 8M\nargon2_passes = 1\n'
  pool api "$ENGINE" "$CHILDREN" 2 "unix:$dir/run/api.sock"
  pool upload "$ENGINE" "$([ "$ENGINE" = event ] && echo 1 || echo 8)" 1 "unix:$dir/run/upload.sock"
  pool auth libfcgi 2 1 "unix:$dir/run/auth.sock"
  printf 'backlog = 64\nnice = 10\n' # passwords cost: a flood of sign-ins waits, is turned away, and slows nobody else
  if [ "$APACHE" = 1 ]; then
    # mod_authnz_fcgi speaks TCP only
    pool authz libfcgi 1 1 "127.0.0.1:$AUTHZ_PORT"
  fi
}

# Fills the @NAMES@ of an example configuration.
fill() { # template port
  local keep=off keepalive='' upload_max micro=atelier_micro
  [ "${STACK_NO_MICRO_CACHE:-0}" != 1 ] || micro=off
  upload_max=$(numfmt --from=iec "${ATELIER_UPLOAD_MAX_SIZE:-10G}")
  if [ "$ENGINE" = event ]; then
    # an event pool keeps the web server's connections, a libfcgi pool must not
    keep=on
    keepalive='keepalive 64; keepalive_requests 1000000;'
  fi
  sed -e "s#@RUN_DIR@#$dir/run#g; s#@LOG_DIR@#$dir/log#g; s#@CONF_DIR@#$dir/etc#g; s#@CACHE_DIR@#$dir/cache/nginx#g" \
    -e "s#@WWW_DIR@#$dir/www#g; s#@ETC_DIR@#$PREFIX/share/atelier/etc#g; s#@SERVER_NAME@#localhost#g" \
    -e "s#@MEDIA_ROOT@#$dir/media#g; s#@MEDIA_PATH@#/media#g; s#@MEDIA_NAME@#media#g" \
    -e "s#@UPLOAD_MAX@#$upload_max#g; s#@BODY_MAX@#$((16 * 1024 * 1024))#g; s#@KEEPALIVE@#$keepalive#g; s#@KEEP@#$keep#g" \
    -e "s#@MICRO_CACHE@#$micro#g; s#@LIVE_SERVERS@#server unix:$dir/run/live.sock max_fails=0; server unix:$dir/run/live-2.sock max_fails=1 fail_timeout=2s backup;#g; s#@AUTHZ_LISTEN@#127.0.0.1:$AUTHZ_PORT#g" \
    -e "s#@LISTEN@#127.0.0.1:$2#g; s#^\(\tlisten 127[^;]*\);#\1 backlog=1024;#" "$1"
}

write_configuration() {
  local share=$PREFIX/share/atelier/etc
  [ -s "$dir/etc/secret" ] || (umask 077 && head -c 48 /dev/urandom | base64 -w 0 >"$dir/etc/secret")
  atelier_conf >"$dir/etc/atelier.conf"
  fill "$share/nginx/atelier.conf.in" "$PORT" >"$dir/etc/nginx-atelier.conf"
  fill "$share/nginx/nginx.conf.in" "$PORT" >"$dir/etc/nginx.conf"
  fill "$share/apache/atelier.conf.in" "$APACHE_PORT" >"$dir/etc/apache-atelier.conf"
  fill "$share/apache/apache.conf.in" "$APACHE_PORT" >"$dir/etc/apache.conf"
  [ "$(id -u)" != 0 ] || chown "$runner:" "$dir"/etc/*
}
