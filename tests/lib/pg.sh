#!/bin/bash
# tests/lib/pg.sh - runs a command beside a PostgreSQL of its own, on a unix socket in a fresh folder.
#
#	tests/lib/pg.sh COMMAND...
#
# The command finds ATELIER_DATABASE_URL (role atelier_app), ATELIER_DATABASE_OWNER_URL and PG_TEST_DIR; with
# MIGRATE="path of atelierctl" the schema is there too. To stop and start the server in a test:
# $PG_TEST_DIR/ctl stop -m immediate, $PG_TEST_DIR/ctl start
set -euo pipefail

bin=${PG_BIN:-$(pg_config --bindir 2>/dev/null || true)}
for folder in "$bin" /usr/lib/postgresql/*/bin; do
	[ -x "$folder/initdb" ] && bin=$folder
done
if [ ! -x "$bin/initdb" ]; then
	echo "no PostgreSQL server here" >&2
	exit 77
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/atelier-pg.XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then # initdb refuses to run as root
	user=postgres
	id -u "$user" >/dev/null 2>&1 || user=nobody
	as=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --)
	chown "$user" "$dir"
	chmod 755 "$dir"
fi

cat > "$dir/ctl" <<CTL
#!/bin/bash
# start or stop this test's server
cd /
exec ${as[*]} "$bin/pg_ctl" -D "$dir/data" -s -w -l "$dir/log" \\
	-o "-k '$dir' -c listen_addresses='' -c fsync=off -c max_connections=60 -c shared_buffers=64MB" "\$@"
CTL
chmod 755 "$dir/ctl"

finish() {
	"$dir/ctl" stop -m immediate >/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap finish EXIT

(cd / && "${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null)
"$dir/ctl" start
psql -X -q -h "$dir" -U postgres -v ON_ERROR_STOP=1 <<'SQL'
create role atelier_owner login;
create role atelier_app login;
create database atelier owner atelier_owner;
SQL

export PG_TEST_DIR=$dir
export ATELIER_SECRET=${ATELIER_SECRET:-only-for-tests-only-for-tests-only-for-tests}
export ATELIER_DATABASE_URL="host=$dir user=atelier_app dbname=atelier"
export ATELIER_DATABASE_OWNER_URL="host=$dir user=atelier_owner dbname=atelier"
[ -z "${MIGRATE:-}" ] || "$MIGRATE" migrate up >/dev/null

"$@"
