#!/usr/bin/env bash
# A private installation in one folder: PostgreSQL, Redis, the daemons, nginx, and Apache where asked for.
# quickstart.sh and every test that needs a server use it.
#
#   stack.sh up DIR            starts what does not run, and anew what has another build or configuration
#   stack.sh down DIR          stops what this stack started, and nothing else
#   stack.sh start|stop DIR SERVICE [SIGNAL]    postgres redis fcgi worker live live2 cron nginx apache
#   stack.sh restart DIR SERVICE                down and up again
#   stack.sh pid DIR SERVICE   its process; fails when it does not run
#   stack.sh ctl DIR ARG...    atelierctl as the stack's user
#   stack.sh env DIR           addresses, as shell assignments
#   stack.sh configtest DIR    writes the configuration and lets the web servers read it
#
#   STACK_PREFIX    where `make install` put the product (needed the first time, remembered like the rest)
#   STACK_PORT      nginx's port (a free one)        STACK_ENGINE    event or libfcgi, for the api and upload pools
#   STACK_CHILDREN  of the api pool (2)              STACK_FAST=1    no fsync, cheap passwords: for tests
#   STACK_APACHE=1  an Apache too                    STACK_NO_MICRO_CACHE=1   nginx keeps no answers
#   STACK_CLUSTER   a new stack begins with a copy of this folder of PostgreSQL's: the pg of a stack that is down
#   STACK_USER      who runs it when root starts it (atelier-stack): PostgreSQL refuses root
#   ATELIER_*       handed to the daemons
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin

usage() {
  sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' "${BASH_SOURCE[0]}" >&2
  exit 64
}

[ $# -ge 2 ] || usage
verb=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd -P)
shift 2
runner=${STACK_USER:-atelier-stack}
pg_bin=$(find /usr/lib/postgresql -maxdepth 3 -name postgres -path '*/bin/*' -printf '%h\n' | sort -V | tail -n 1)
unset ATELIER_CONF ATELIER_BUILD_DIR ATELIER_MEDIA_DIR
# shellcheck source=etc/stack/process.sh
. "$here/process.sh"
# shellcheck source=etc/stack/config.sh
. "$here/config.sh"
# shellcheck source=etc/stack/services.sh
. "$here/services.sh"

# One start or stop at a time.
lock() {
  mkdir -p "$dir/run"
  exec 8>"$dir/run/lock"
  flock -w 120 8 || { say "another start or stop of $dir has hung for two minutes"; exit 75; }
}

configure() {
  remember_settings
  load_settings
  make_folders
  write_configuration
}

# What a service is made of: another build, configuration or environment needs another start.
fingerprint() { # service
  case $1 in
  fcgi | worker | live)
    env | grep '^ATELIER_' | sort || true
    cat "$dir/etc/atelier.conf" "$PREFIX/sbin/atelier-$1"
    ;;
  nginx) cat "$dir"/etc/nginx*.conf "$PREFIX"/share/atelier/etc/nginx/* ;;
  apache) cat "$dir"/etc/apache*.conf ;;
  esac | cksum
}

start() {
  is_running "$1" && return 0
  fingerprint "$1" >"$dir/run/$1.made-of"
  "start_$1"
}

# Starts, or starts anew what has changed since.
refresh() {
  if is_running "$1" && [ "$(fingerprint "$1")" != "$(cat "$dir/run/$1.made-of")" ]; then stop "$1"; fi
  start "$1"
}

up() {
  configure
  start postgres
  start redis
  migrate
  refresh fcgi
  refresh worker
  refresh live
  refresh nginx
  [ "$APACHE" != 1 ] || refresh apache
  wait_until worker is_running worker
}

stop() { # service [signal]
  case $1 in
  postgres) halt postgres "${2:-INT}" ;; # INT ends sessions, TERM would wait for them
  nginx) halt nginx "${2:-QUIT}" ;;      # QUIT lets answers in flight end
  *) halt "$1" "${2:-TERM}" ;;
  esac
}

down() {
  local s
  for s in apache nginx cron live2 live worker fcgi redis postgres; do stop "$s"; done
}

show_env() {
  cat <<EOF
ATELIER_URL=http://localhost:$PORT
ATELIER_CONF=$dir/etc/atelier.conf
ATELIERCTL=$PREFIX/bin/atelierctl
ATELIER_APACHE_URL=http://localhost:$APACHE_PORT
STACK_DIR=$dir
STACK_PREFIX=$PREFIX
PGHOST=$dir/run
REDIS_SOCK=$dir/run/redis.sock
EOF
}

is_service() {
  case ${1:-} in
  postgres | redis | fcgi | worker | live | live2 | cron | nginx | apache) ;;
  *) usage ;;
  esac
}

run_verb() {
  case $verb in
  up) up ;;
  down) down ;;
  configtest)
    configure
    check_web_servers
    ;;
  start)
    load_settings
    start "$1"
    ;;
  stop) stop "$@" ;;
  restart)
    load_settings
    stop "$1"
    start "$1"
    ;;
  *) usage ;;
  esac
}

case $verb in
start | stop | restart | pid) is_service "${1:-}" ;;
esac
case $verb in
pid) pid_of "$1" ;;
ctl)
  load_settings
  run_ctl "$@"
  ;;
env)
  load_settings
  show_env
  ;;
*)
  lock
  run_verb "$@"
  ;;
esac
