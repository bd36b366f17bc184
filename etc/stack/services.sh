# shellcheck shell=bash disable=SC2154
# etc/stack/services.sh - how each service of a stack is started and when it is up. Sourced by stack.sh.

init_cluster() {
  local no_sync=()
  [ "$FAST" != 1 ] || no_sync=(--no-sync)
  mkdir -m 700 "$dir/pg"
  [ "$(id -u)" != 0 ] || chown "$runner:" "$dir/pg"
  (cd "$dir" && as_runner "$pg_bin/initdb" -D "$dir/pg" -A trust -U postgres -E UTF8 --locale=C.UTF-8 "${no_sync[@]}" \
    >"$dir/log/initdb.log" 2>&1)
}

make_cluster() {
  rm -rf "$dir/pg"
  if [ -n "${STACK_CLUSTER:-}" ]; then cp -a "$STACK_CLUSTER" "$dir/pg"; else init_cluster; fi
  cat >>"$dir/pg/postgresql.conf" <<EOF
unix_socket_directories = '$dir/run'
unix_socket_permissions = 0770
listen_addresses = ''
max_connections = 200
shared_buffers = 256MB
log_min_messages = error
log_min_error_statement = panic
EOF
  [ "$FAST" != 1 ] || printf 'fsync = off\nsynchronous_commit = off\nfull_page_writes = off\njit = off\n' >>"$dir/pg/postgresql.conf"
}

as_superuser() {
  (cd "$dir" && as_runner "$pg_bin/psql" -X -h "$dir/run" -U postgres -d postgres -v ON_ERROR_STOP=1 "$@")
}

start_postgres() {
  [ -s "$dir/pg/PG_VERSION" ] || make_cluster
  launch postgres "$pg_bin/postgres" -D "$dir/pg"
  wait_until postgres as_runner "$pg_bin/pg_isready" -q -h "$dir/run" -U postgres
  if ! as_superuser -Atc "select 1 from pg_database where datname = 'atelier'" | grep -q 1; then
    as_superuser -q -c 'create role atelier_owner login' -c 'create role atelier_app login' \
      -c 'create database atelier owner atelier_owner'
  fi
}

start_redis() {
  launch redis redis-server --port 0 --unixsocket "$dir/run/redis.sock" --unixsocketperm 770 --dir "$dir/redis" \
    --appendonly yes --appendfsync everysec --save '' --loglevel warning
  wait_until redis redis_is_up
}

redis_is_up() { as_runner redis-cli -s "$dir/run/redis.sock" ping | grep -q PONG; }

# STACK_FCGI_UNDER: a program that runs it, with its options (valgrind).
start_fcgi() {
  # shellcheck disable=SC2086 # options are words
  launch fcgi ${STACK_FCGI_UNDER:-} "$PREFIX/sbin/atelier-fcgi" -c "$dir/etc/atelier.conf"
  wait_until fcgi test -S "$dir/run/api.sock" -a -S "$dir/run/auth.sock" -a -S "$dir/run/upload.sock"
}

start_worker() { launch worker "$PREFIX/sbin/atelier-worker" -c "$dir/etc/atelier.conf"; }

start_live() {
  launch live "$PREFIX/sbin/atelier-live" -c "$dir/etc/atelier.conf"
  wait_until live curl -sf -o /dev/null --unix-socket "$dir/run/live.sock" http://live/health
}
# A second daemon beside it, where a test asks for one.
start_live2() {
  launch live2 "$PREFIX/sbin/atelier-live" -c "$dir/etc/atelier.conf" -l "unix:$dir/run/live-2.sock"
  wait_until live2 curl -sf -o /dev/null --unix-socket "$dir/run/live-2.sock" http://live/health
}

# What cron or timers do on a server: the periodic jobs.
start_cron() {
  # shellcheck disable=SC2016
  launch cron bash -c 'while :; do "$@" upkeep uniques digest recommend recap_year moderation_month storage_audit; sleep 30; done' cron \
    "$PREFIX/sbin/atelier-worker" -c "$dir/etc/atelier.conf" enqueue
}

start_nginx() {
  launch nginx nginx -c "$dir/etc/nginx.conf" -e "$dir/log/nginx-error.log"
  wait_until nginx curl -sf -o /dev/null "http://127.0.0.1:$PORT/health"
}

start_apache() {
  launch apache apache2 -f "$dir/etc/apache.conf" -DFOREGROUND
  wait_until apache curl -sf -o /dev/null "http://127.0.0.1:$APACHE_PORT/health"
}

run_ctl() { # argument...
  (cd "$dir" && ATELIER_CONF=$dir/etc/atelier.conf as_runner "$PREFIX/bin/atelierctl" "$@")
}

migrate() {
  if ! run_ctl migrate up >>"$dir/log/migrate.log" 2>&1; then
    say "migration failed; the end of $dir/log/migrate.log:"
    tail -n 12 "$dir/log/migrate.log" >&2
    return 1
  fi
}

check_web_servers() {
  as_runner nginx -t -q -c "$dir/etc/nginx.conf" -e "$dir/log/nginx-error.log"
  as_runner apache2 -t -f "$dir/etc/apache.conf"
}
