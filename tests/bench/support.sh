# shellcheck shell=bash
# tests/bench/support.sh - what the benchmarks that need a whole installation share. Sourced.
# They want STACK_PREFIX (where `make install` put the product) and print `bench NAME ours VALUE reference VALUE ratio R`.
stack_sh=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/etc/stack/stack.sh

skip() {
	echo "skipped: $(basename "$0" .sh): $*"
	exit 0
}

need() { # program...
	local program
	for program; do
		command -v "$program" >/dev/null || skip "needs $program"
	done
}

# Starts an installation in $work/stack, with a community on localhost; its addresses come into the environment.
# What is in the environment as STACK_* and ATELIER_* reaches it.
stack_up() {
	export STACK_FAST=${STACK_FAST:-1}
	export ATELIER_AUTH_ARGON2_MEMORY=19M ATELIER_AUTH_ARGON2_PASSES=2 # what passwords cost, as for everybody
	# shellcheck disable=SC2154 # work: the folder that the sourcing script made
	chmod 755 "$work"
	"$stack_sh" up "$work/stack"
	set -a
	eval "$("$stack_sh" env "$work/stack")"
	set +a
	# shellcheck disable=SC2154
	if ! "$stack_sh" ctl "$STACK_DIR" tenant list | grep -q main; then
		"$stack_sh" ctl "$STACK_DIR" tenant create main --host localhost,127.0.0.1 --base-url "$ATELIER_URL" >/dev/null
	fi
}

stack_down() { [ ! -d "$work/stack" ] || "$stack_sh" down "$work/stack"; }

# The same installation with other settings: NAME=VALUE...
stack_with() { env "$@" "$stack_sh" up "$STACK_DIR"; }

owner_sql() { psql -X -q -v ON_ERROR_STOP=1 -h "$PGHOST" -U atelier_owner -d atelier "$@"; }

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

say() { # name ours reference
	awk -v n="$1" -v o="$2" -v r="$3" 'BEGIN { printf "bench %s ours %s reference %s ratio %.2f\n", n, o, r, (r > 0 ? o / r : 0) }'
}
