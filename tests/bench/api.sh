#!/bin/bash
# api.sh - requests per second and p99 of light requests against the Fastify peer: the same data, PostgreSQL and
# Redis for both, each behind its nginx with kept-alive connections, in turns. Figures drift, ratios hold.
#   e1 the feed from PostgreSQL   e2 the feed from Redis   e3 one of 20,000 videos   e4 count a view   e5 a constant
#   e6 players' events, 50 at once, against the peer's views
#   eN_ceiling   what the same nginx allows at most, with nothing behind it
# Behind each: the processor time of a request, in microseconds, by program.
#   ATELIER_PEER_DIR      the peer (default: ../shared/bench/peer-fastify beside the sources)
#   ATELIER_BENCH_ROUNDS  of each (default 5), ATELIER_BENCH_SECONDS a round (default 8)
#   ATELIER_BENCH_ONLY    for example "e1 e3"
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bench/support.sh
. "$here/support.sh"
PATH=$PATH:/usr/sbin:/sbin
peer=${ATELIER_PEER_DIR:-$here/../../../shared/bench/peer-fastify}
rounds=${ATELIER_BENCH_ROUNDS:-5}
seconds=${ATELIER_BENCH_SECONDS:-8}
only=${ATELIER_BENCH_ONLY:-e1 e2 e3 e4 e5 e6}
[ -f "$peer/server.js" ] || skip "needs the peer (ATELIER_PEER_DIR)"
[ -n "${STACK_PREFIX:-}" ] || skip "needs STACK_PREFIX"
need wrk nginx node npm psql
work=$(mktemp -d)
pids=()
declare -A peer_url

clean() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
	stack_down || true
	rm -rf "$work"
}
trap clean EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

until_up() { # address
	for _ in $(seq 300); do
		curl -sf -o /dev/null "$1" && return 0
		sleep 0.1
	done
	echo "no answer from $1" >&2
	cat "$work"/peer*.log >&2
	return 1
}

seed_ours() {
	local tenant
	tenant=$(owner_sql -Atc "select id from tenants where slug = 'main'")
	owner_sql -v tenant="$tenant" -f "$here/api/seed.sql"
	owner_sql -Atc "select id from videos where state = 'ready' and visibility = 'public' order by md5(id::text) limit 20000" \
		>"$work/ids.txt"
}

# The peer with one of its two database drivers, behind an nginx of its own. The first one seeds.
start_peer() { # driver seed
	local up port dir=$work/peer-$1
	up=$(free_port)
	port=$(free_port)
	(cd "$work/peer" && exec env -u PGUSER SEED="$2" DB_DRIVER="$1" PORT="$up" PGUSER=bench PGDATABASE=bench ./run.sh >"$dir.log" 2>&1) &
	pids+=($!)
	mkdir "$dir"
	sed -e "s/@PORT@/$port/; s/@UP@/$up/; s#@DIR@#$dir#g" "$peer/nginx.conf.in" >"$dir/nginx.conf"
	nginx -c "$dir/nginx.conf" -e "$dir/error.log" -g 'daemon off;' 2>"$dir/nginx.log" &
	pids+=($!)
	peer_url[$1]=http://127.0.0.1:$port
	until_up "${peer_url[$1]}/feed"
}

start_peers() {
	cp -rL "$peer" "$work/peer"
	chmod -R u+w "$work/peer"
	psql -X -q -h "$PGHOST" -U postgres -d postgres -c 'create role bench superuser login' -c 'create database bench owner bench'
	(cd "$work/peer" && npm install --no-audit --no-fund --no-package-lock --loglevel=error >"$work/peer-npm.log" 2>&1)
	start_peer pg 1
	start_peer postgres 0
}

# The processor time that programs have used, in ticks: "name ticks" lines.
ticks() {
	{ cat /proc/[0-9]*/stat 2>/dev/null || true; } |
		sed -nE 's/^[0-9]+ \((nginx|atelier-fcgi|postgres|redis-server|node|ceiling)\) (.*)$/\1 \2/p' |
		awk '{ t[$1] += $13 + $14 } END { for (n in t) print n, t[n] }'
}

# load NAME SIDE WHAT URL: one round into $work/NAME.SIDE
load() {
	local line base=''
	[ "$2" != ours ] || base=/api/v1
	ticks >"$work/before"
	line=$(WHAT=$3 BASE=$base IDS=$work/ids.txt RUN=$run wrk -t2 -c32 -d"${4%% *}s" -s "$here/api/wrk.lua" "${4#* }" |
		sed -n 's/^result //p')
	run=$((run + 1))
	echo "$line" >>"$work/$1.$2"
	ticks | awk -v hz="$(getconf CLK_TCK)" -v rps="${line%% *}" -v s="${4%% *}" 'NR == FNR { before[$1] = $2; next }
		$2 - before[$1] > hz * s / 50 { printf "%s %.1f\n", $1, ($2 - before[$1]) / hz * 1e6 / (rps * s) }' "$work/before" - >>"$work/$1.$2.us"
	# views that nobody fetches here must not fill Redis
	redis-cli -s "$REDIS_SOCK" flushall async >/dev/null
}

# turns NAME WHAT OURS PEER-PATH: rounds of both in turns, the first one of each warms up. The peer has whichever driver is faster.
turns() {
	local name=$1 what=$2 driver=pg
	case " $only " in *" ${name%%_*} "*) ;; *) return 0 ;; esac
	load warm ours "$what" "2 $3"
	load "warm.$name" pg "$what" "2 ${peer_url[pg]}$4"
	load "warm.$name" postgres "$what" "2 ${peer_url[postgres]}$4"
	[ "$(column "warm.$name.pg" 1)" -ge "$(column "warm.$name.postgres" 1)" ] || driver=postgres
	echo "# $name: the peer's driver is $driver"
	for _ in $(seq "$rounds"); do
		load "$name" ours "$what" "$seconds $3"
		load "$name" peer "$what" "$seconds ${peer_url[$driver]}$4"
	done
	report "$name"
}

column() { cut -d' ' -f"$2" "$work/$1" | median; }

report() { # name
	local wrong side program us
	say "$1_rps" "$(column "$1.ours" 1)" "$(column "$1.peer" 1)"
	say "$1_p99_ms" "$(column "$1.ours" 2)" "$(column "$1.peer" 2)"
	for side in ours peer; do
		printf '# %s %s, us a request:' "$1" "$side"
		for program in nginx atelier-fcgi node postgres redis-server ceiling; do
			us=$(sed -n "s/^$program //p" "$work/$1.$side.us")
			[ -z "$us" ] || printf ' %s %s' "$program" "$(median <<<"$us")"
		done
		echo
	done
	wrong=$(awk '{ n += $3 } END { print n }' "$work/$1.ours")
	[ "$wrong" = 0 ] || echo "# $1: $wrong requests of ours went wrong"
}

run=0
unset "${!PG@}" ATELIER_PEER_DIR "${!ATELIER_BENCH_@}"
export ATELIER_RATELIMIT_SCALE=1000000 ATELIER_LOG_LEVEL=warn
STACK_NO_MICRO_CACHE=1 ATELIER_SHARED_CACHE=false stack_up
seed_ours
start_peers
api=$ATELIER_URL/api/v1

turns e1_feed get "$api/videos/feed" /feed
turns e3_video video "$api" ""
turns e4_view view "$api" ""
turns e5_constant get "$ATELIER_URL/health" /hello
case " $only " in *" e6 "*)
	for _ in $(seq "$rounds"); do
		load e6 ours events "$seconds $api"
		load e6 peer view "$seconds ${peer_url[pg]}"
	done
	say e6_events_per_s "$(column e6.ours 1 | awk '{ print 50 * $1 }')" "$(column e6.peer 1)"
	;;
esac
stack_with STACK_NO_MICRO_CACHE=1 ATELIER_SHARED_CACHE=true
turns e2_feed_shared get "$api/videos/feed" /feed-cached
stack_with ATELIER_SHARED_CACHE=true
turns e1_feed_micro get "$api/videos/feed" /feed

# What nothing behind this nginx can pass: the same requests, answered by a responder that does nothing (ceiling.c).
ceiling() { # name body-bytes what url peer-path
	local pid
	case " $only " in *" ${1%%_*} "*) ;; *) return 0 ;; esac
	rm -f "$ATELIER_SOCKET"
	setsid "$work/ceiling" "$ATELIER_SOCKET" "$2" &
	pid=$!
	sleep 0.3
	turns "$1" "$3" "$4" "$5"
	kill -- "-$pid"
}
if cc -O2 -o "$work/ceiling" "$here/api/ceiling.c"; then
	stack_with STACK_NO_MICRO_CACHE=1
	"$stack_sh" stop "$STACK_DIR" fcgi
	ATELIER_SOCKET=$STACK_DIR/run/api.sock
	ceiling e5_ceiling 39 get "$ATELIER_URL/health" /hello
	ceiling e4_ceiling 36 view "$api" ""
	ceiling e3_ceiling 1800 video "$api" ""
	ceiling e2_ceiling 9700 get "$api/videos/feed" /feed-cached
fi
