#!/bin/bash
# big.sh - a large community: search and autocomplete one after the other, feed, videos, comments and profiles at 200 requests a
# second; p50 and p95 in milliseconds, and the plans of search.
# Words are drawn as people type them: frequent ones, rare ones, several, mistyped, filtered, begun.
#   ATELIER_BENCH_VIDEOS  how many (1000000), with a tenth as many people and five times as many likes
#   BIG_STACK             a stack that has been seeded already (tests/bench/big/seed.sql)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bench/support.sh
. "$here/support.sh"
videos=${ATELIER_BENCH_VIDEOS:-1000000}
[ -n "${STACK_PREFIX:-}" ] || skip "needs STACK_PREFIX"
need node psql
work=$(mktemp -d)
if [ -n "${BIG_STACK:-}" ]; then
	trap 'rm -rf "$work"' EXIT
	eval "$("$stack_sh" env "$BIG_STACK" | sed 's/^/export /')"
else
	trap 'stack_down || true; rm -rf "$work"' EXIT
	ATELIER_RATELIMIT_SCALE=1000000 ATELIER_LOG_LEVEL=warn stack_up
	psql -X -q -U postgres -d atelier -v tenant="$(owner_sql -Atc "select id from tenants where slug = 'main'")" -v videos="$videos" \
		-v people=$((videos / 10)) -v likes=$((videos * 5)) -f "$here/big/seed.sql" >/dev/null
fi
node "$here/big/search.mjs"
psql -X -q -U postgres -d atelier -Atc 'select id from videos order by md5(id::text) limit 20000' >"$work/videos.txt"
psql -X -q -U postgres -d atelier -Atc 'select id from users order by md5(id::text) limit 20000' >"$work/people.txt"
IDS=$work/videos.txt PEOPLE=$work/people.txt node "$here/big/load.mjs"
tenant=$(owner_sql -Atc "select id from tenants where slug = 'main'")
echo "# how many of a rare and of a frequent word, and what finds them"
owner_sql -At <<SQL | sed 's/^/# /'
set plan_cache_mode = force_custom_plan;
explain (analyze, costs off, timing off, summary on) select id from search_documents
 where document @@ (search_query('toprock workshop', 'folded') && quote_literal('=t$tenant')::tsquery && '=kvideo'::tsquery) limit 10001;
explain (analyze, costs off, timing off, summary on) select count(*) from (select * from search_documents
 where tenant_id = '$tenant' and kind = 'video' order by popularity desc, dated_at desc limit 20000) w where document @@ search_query('the', 'folded');
explain (analyze, costs off, timing off, summary on) select s.id, s.popularity from search_documents s
 where s.tenant_id = '$tenant' and s.kind = 'video' and s.title like 'dan%' limit 400;
SQL
