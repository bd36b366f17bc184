#!/usr/bin/env bash
# A private installation in one folder: PostgreSQL, Redis, the daemons, nginx, and Apache where asked for.
# quickstart.sh and every test that needs a server use it.
#
#   stack.sh up DIR        starts what does not run; settings below come from the environment
#   stack.sh down DIR      stops what this stack started, and nothing else
#   stack.sh start|stop DIR SERVICE      one of: postgres redis fcgi worker nginx apache
#   stack.sh env DIR       the stack's addresses as shell assignments
#
#   STACK_PREFIX   where `make install` put the product (needed once)
#   STACK_PORT     nginx's port (default: a free one)
#   STACK_APACHE=1 an Apache too      STACK_FAST=1 no fsync: for tests      STACK_ENGINE=event|libfcgi
#   STACK_CHILDREN children of the api pool      ATELIER_*  handed to the daemons
set -euo pipefail

verb=${1:?up, down, start, stop or env}
mkdir -p "${2:?a folder}"
dir=$(cd "$2" && pwd)
pg_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
runner=atelier-stack # who runs it when root starts it: PostgreSQL refuses root

say() { echo "stack: $*" >&2; }

# Runs a command as the stack's user, with the daemons' environment.
as=()
[ "$(id -u)" = 0 ] && as=(setpriv --reuid "$runner" --regid "$runner" --init-groups env HOME="$dir")
as_runner() { "${as[@]}" "$@"; }

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

is_running() { # service
  local pid
  pid=$(cat "$dir/run/$1.pid" 2>/dev/null) && [ -n "$pid" ] && kill -0 "${pid%%$'\n'*}" 2>/dev/null
}

# Starts a foreground program in the background, with its pid file and log.
launch() { # service command...
  local service=$1
  shift
  touch "$dir/log/$service.log"
  (
    cd "$dir"
    # no function here: $! must be the program itself, not a shell that waits for it
    "${as[@]}" setsid "$@" >>"$dir/log/$service.log" 2>&1 </dev/null 9>&- &
    echo $! >"$dir/run/$service.pid"
  )
}

wait_for() { # what, command...
  local what=$1 i
  shift
  for ((i = 0; i < 300; i++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  say "$what did not come up; see $dir/log"
  return 1
}

halt() { # service [signal]
  local pid i
  is_running "$1" || return 0
  pid=$(head -n 1 "$dir/run/$1.pid")
  kill "-${2:-TERM}" "$pid" 2>/dev/null || true
  for ((i = 0; i < 400; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  rm -f "$dir/run/$1.pid"
}

settings() {
  [ -f "$dir/stack.env" ] && return 0
  local port=${STACK_PORT:-$(free_port)} apache authz engine=${STACK_ENGINE:-event}
  apache=$(free_port)
  authz=$(free_port)
  cat >"$dir/stack.env" <<EOF
PREFIX=${STACK_PREFIX:?STACK_PREFIX: where the product is installed}
PORT=$port
APACHE_PORT=$apache
AUTHZ_PORT=$authz
ENGINE=$engine
CHILDREN=${STACK_CHILDREN:-2}
FAST=${STACK_FAST:-0}
EOF
}

folders() {
  local f
  for f in run log etc cache media mail redis media/public media/originals media/incoming media/spool; do
    mkdir -p "$dir/$f"
  done
  mkdir -p "$dir/cache/nginx"
  if [ "$(id -u)" = 0 ]; then
    id "$runner" >/dev/null 2>&1 || useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin "$runner"
    chown -R "$runner:" "$dir/run" "$dir/log" "$dir/cache" "$dir/media" "$dir/mail" "$dir/redis" "$dir/etc"
    chmod 755 "$dir"
  fi
}

write_conf() {
  local keep=off keepalive=''
  # shellcheck source=/dev/null
  . "$dir/stack.env"
  if [ "$ENGINE" = event ]; then
    keep=on
    keepalive='keepalive 64; keepalive_requests 1000000;'
  fi
  [ -s "$dir/etc/secret" ] || head -c 48 /dev/urandom | base64 -w 0 >"$dir/etc/secret"
  cat >"$dir/etc/atelier.conf" <<EOF
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

[pool:api]
engine = $ENGINE
listen = unix:$dir/run/api.sock
children = $CHILDREN
max_requests = 100000
connections = 2

[pool:upload]
engine = $ENGINE
listen = unix:$dir/run/upload.sock
children = $([ "$ENGINE" = event ] && echo 1 || echo 8)
max_requests = 10000
connections = 1

[pool:auth]
engine = libfcgi
listen = unix:$dir/run/auth.sock
children = 2
max_requests = 10000
connections = 1

[pool:authz]
engine = libfcgi
listen = 127.0.0.1:$AUTHZ_PORT
children = 1
max_requests = 10000
connections = 1
EOF
  local share=$PREFIX/share/atelier/etc out
  for out in nginx apache; do
    sed -e "s#@RUN_DIR@#$dir/run#g; s#@ETC_DIR@#$share#g; s#@MEDIA_ROOT@#$dir/media#g; s#@MEDIA_PATH@#/media#g" \
      -e "s#@CACHE_DIR@#$dir/cache/nginx#g; s#@SERVER_NAME@#localhost#g; s#@UPLOAD_MAX@#10g#g" \
      -e "s#@KEEPALIVE_API@#$keepalive#g; s#@KEEPALIVE_UPLOAD@#$keepalive#g; s#@KEEP_API@#$keep#g; s#@KEEP_UPLOAD@#$keep#g" \
      -e "s#@NO_MICRO_CACHE@#${STACK_NO_MICRO_CACHE:-}#g; s#@AUTHZ_LISTEN@#127.0.0.1:$AUTHZ_PORT#g" \
      -e "s#@LISTEN@#127.0.0.1:$([ $out = nginx ] && echo "$PORT" || echo "$APACHE_PORT")#g" \
      "$share/$out/atelier.conf.in" >"$dir/etc/$out-atelier.conf"
  done
  sed -i "s#listen 127.0.0.1:$PORT;#listen 127.0.0.1:$PORT backlog=1024;#" "$dir/etc/nginx-atelier.conf"
  cat >"$dir/etc/nginx.conf" <<EOF
daemon off;
worker_processes 2;
pid $dir/run/nginx-own.pid;
error_log $dir/log/nginx-error.log warn;
events { worker_connections 4096; }
http {
  include /etc/nginx/mime.types;
  access_log off;
  client_body_temp_path $dir/cache/body;
  proxy_temp_path $dir/cache/proxy;
  fastcgi_temp_path $dir/cache/fastcgi;
  uwsgi_temp_path $dir/cache/uwsgi;
  scgi_temp_path $dir/cache/scgi;
  include $dir/etc/nginx-atelier.conf;
}
EOF
  cat >"$dir/etc/apache.conf" <<EOF
ServerRoot $dir
DefaultRuntimeDir $dir/run
PidFile $dir/run/apache-own.pid
ErrorLog $dir/log/apache-error.log
LogLevel warn
ServerName localhost
$(for m in mpm_event authn_core authz_core mime alias env setenvif headers proxy proxy_fcgi authnz_fcgi unique_id; do
    echo "LoadModule ${m}_module /usr/lib/apache2/modules/mod_$m.so"
  done)
TypesConfig /etc/mime.types
Include $dir/etc/apache-atelier.conf
EOF
}

start_postgres() {
  # shellcheck source=/dev/null
  . "$dir/stack.env"
  if [ ! -s "$dir/pg/PG_VERSION" ]; then
    mkdir -p "$dir/pg"
    chmod 700 "$dir/pg"
    [ "$(id -u)" = 0 ] && chown "$runner:" "$dir/pg"
    as_runner "$pg_bin/initdb" -D "$dir/pg" -A trust -U postgres -E UTF8 --locale=C.UTF-8 >"$dir/log/initdb.log" 2>&1
    {
      echo "unix_socket_directories = '$dir/run'"
      echo "listen_addresses = ''"
      echo "max_connections = 200"
      echo "shared_buffers = 256MB"
      echo "log_min_messages = fatal"
      [ "$FAST" = 1 ] && printf 'fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n'
    } >>"$dir/pg/postgresql.conf"
  fi
  launch postgres "$pg_bin/postgres" -D "$dir/pg"
  wait_for PostgreSQL "$pg_bin/pg_isready" -h "$dir/run" -U postgres
  if ! psql_do -Atc "select 1 from pg_database where datname = 'atelier'" | grep -q 1; then
    psql_do -qc "create role atelier_owner login" -c "create role atelier_app login" \
      -c "create database atelier owner atelier_owner"
  fi
}

psql_do() { "$pg_bin/psql" -h "$dir/run" -U postgres -d postgres -v ON_ERROR_STOP=1 "$@"; }

start_redis() {
  launch redis redis-server --port 0 --unixsocket "$dir/run/redis.sock" --unixsocketperm 777 --dir "$dir/redis" \
    --appendonly yes --appendfsync everysec --save '' --loglevel warning
  wait_for Redis redis-cli -s "$dir/run/redis.sock" ping
}

start_fcgi() {
  # shellcheck source=/dev/null
  . "$dir/stack.env"
  launch fcgi "$PREFIX/sbin/atelier-fcgi" -c "$dir/etc/atelier.conf"
  wait_for atelier-fcgi test -S "$dir/run/api.sock"
}

start_worker() {
  # shellcheck source=/dev/null
  . "$dir/stack.env"
  launch worker "$PREFIX/sbin/atelier-worker" -c "$dir/etc/atelier.conf"
}

start_nginx() {
  # shellcheck source=/dev/null
  . "$dir/stack.env"
  launch nginx nginx -c "$dir/etc/nginx.conf" -e "$dir/log/nginx-error.log"
  wait_for nginx curl -sf "http://127.0.0.1:$PORT/health"
}

start_apache() {
  # shellcheck source=/dev/null
  . "$dir/stack.env"
  launch apache apache2 -f "$dir/etc/apache.conf" -DFOREGROUND
  wait_for Apache curl -sf "http://127.0.0.1:$APACHE_PORT/health"
}

migrate() {
  # shellcheck source=/dev/null
  . "$dir/stack.env"
  ATELIER_CONF=$dir/etc/atelier.conf as_runner "$PREFIX/bin/atelierctl" migrate up >>"$dir/log/migrate.log" 2>&1 ||
    { say "migration failed; see $dir/log/migrate.log"; tail -n 5 "$dir/log/migrate.log" >&2; return 1; }
}

start() { is_running "$1" || "start_$1"; }

up() {
  settings
  folders
  write_conf
  start postgres
  start redis
  migrate
  start fcgi
  start worker
  start nginx
  [ "${STACK_APACHE:-0}" = 1 ] && start apache
  return 0
}

down() {
  local s
  for s in apache nginx worker fcgi; do halt "$s"; done
  halt redis
  halt postgres INT
}

show_env() {
  # shellcheck source=/dev/null
  . "$dir/stack.env"
  cat <<EOF
ATELIER_URL=http://localhost:$PORT
ATELIER_APACHE_URL=http://localhost:$APACHE_PORT
ATELIER_CONF=$dir/etc/atelier.conf
ATELIERCTL=$PREFIX/bin/atelierctl
STACK_DIR=$dir
STACK_PREFIX=$PREFIX
PGHOST=$dir/run
REDIS_SOCK=$dir/run/redis.sock
EOF
}

case $verb in
up) up ;;
down) down ;;
start) start "${3:?service}" ;;
stop) halt "${3:?service}" "${4:-TERM}" ;;
env) show_env ;;
*) say "unknown verb $verb" && exit 64 ;;
esac
