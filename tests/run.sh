#!/usr/bin/env bash
# tests/run.sh [SUITE...] - builds the product as its testers want it and runs the suites, three at a time for two
# processors. The last line is "N passed, N failed"; the status says whether all is well.
#
#   unit      make check: warnings are errors; unit tests, database tests, fuzz corpora
#   sanitize  the same built with ASan and UBSan
#   static    scripts, server configurations, units, alert rules      dist   a tarball builds and is whole
#   api       tests/api behind nginx, event engine                    libfcgi  the same, every pool on libfcgi
#   media     tests/media: streams and films seen from outside         clients, browser   tests/clients, tests/browser
#   apache    the same behind Apache, without what tests/api/once-is-enough names
#   clips     tests/clips: each clip of ATELIER_MEDIA_DIR through the whole product, and its stream seen from outside
#   faults    tests/faults: kills, restarts, full disks
#   asan      tests/api with the web process built with ASan and UBSan; some minutes, only when asked for by name
#   valgrind  tests/api with the web process under valgrind; most of an hour, only when asked for by name; VALGRIND_FILES: some of it
#   scan      tests/scan: sqlmap and wapiti; some minutes, only when asked for by name
#
#   TESTS_DIR  where builds, stacks and logs go (a new folder below /tmp, removed when all is well)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
# shellcheck source=etc/stack/build.sh
. etc/stack/build.sh
PATH=$PATH:/usr/sbin:/sbin
work=${TESTS_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/atelier-check.XXXXXX")}
mkdir -p "$work/results"
chmod 755 "$work"
work=$(cd "$work" && pwd -P)
stack=$root/etc/stack/stack.sh
started=$SECONDS

media=${ATELIER_MEDIA_DIR:-$root/../shared/media}

# Nothing of the caller's own installation may leak in.
while IFS= read -r name; do unset "$name"; done < <(compgen -v | grep -E '^(ATELIER_|STACK_|PG)' || true)
[ ! -f "$media/manifest.json" ] || export ATELIER_MEDIA_DIR=$media
export STACK_PREFIX=$work/inst STACK_FAST=1 NODE_NO_WARNINGS=1

# passed failed, of one suite; the log is shown when something failed.
result() { # suite passed failed
  echo "$2 $3" >"$work/results/$1"
  if [ "$3" != 0 ]; then
    echo "--- $1: the end of $work/$1.log"
    # of TAP: each failure with what was expected and seen, and where
    awk '/^ *not ok/ { left = 45 } left > 0 { print; left-- } /^ *\.\.\.$/ { left = 0 }' "$work/$1.log" | head -n 200
    grep -nE '^(FAIL|ERROR)|^\[ +(ERROR|LINE) +\]|(^|[^a-z])Assertion' "$work/$1.log" | tail -n 40 || true
    tail -n 15 "$work/$1.log"
  fi
  echo "$1: $2 passed, $3 failed ($((SECONDS - started)) s)"
}

count() { sed -nE "s/^# $2:? +([0-9]+)$/\1/p" "$1" | awk '{ n += $1 } END { print n + 0 }'; }

# --- suites of make ---

make_check() { # suite build-folder
  local log=$work/$1.log failed
  make -C "$2" -k -j"$(nproc)" check V=0 >"$log" 2>&1 || true
  failed=$(($(count "$log" FAIL) + $(count "$log" XPASS) + $(count "$log" ERROR)))
  # what did not even build has no count
  if [ "$failed" = 0 ] && ! grep -q '^# TOTAL:' "$log"; then failed=1; fi
  sed -nE 's/^(FAIL|ERROR): (.*)$/\2/p' "$log" >"$work/$1.failed"
  # of cmocka: what was expected and seen, and where
  while IFS= read -r t; do { grep -E '^\[ +(ERROR|LINE) +\]' "$2/$t.log"; tail -n 30 "$2/$t.log"; } >>"$log" 2>/dev/null || true; done <"$work/$1.failed"
  result "$1" "$(count "$log" PASS)" "$failed"
}

suite_unit() { make_check unit "$work/build"; }

# At -O1, which is compiled in two thirds of the time, the compiler does not see how long a text can be.
build_asan() { build "$work/build-asan" "$work/inst-asan" --enable-developer --enable-sanitizers CFLAGS='-g -O1 -Wno-format-truncation'; }

suite_sanitize() {
  if build_asan >"$work/sanitize.log" 2>&1; then
    make_check sanitize "$work/build-asan"
  else
    result sanitize 0 1
  fi
}

suite_dist() {
  local log=$work/dist.log
  if (set -e
    rm -rf "$work/dist"
    mkdir -p "$work/dist/build"
    make -C "$work/build" distdir distdir="$work/dist/atelier"
    chmod -R a-w "$work/dist/atelier"
    cd "$work/dist/build"
    # nobody runs this one: that it is whole is all that counts
    ../atelier/configure -q --prefix=/usr --sysconfdir=/etc --localstatedir=/var CFLAGS='-O0 -U_FORTIFY_SOURCE'
    make -s -j"$(nproc)" V=0
    make -s install DESTDIR="$work/dist/root"
    make -s uninstall DESTDIR="$work/dist/root"
    [ -z "$(find "$work/dist/root" -type f)" ] || { find "$work/dist/root" -type f; echo "not uninstalled"; exit 1; }
    make -s distclean
    [ -z "$(find . -type f)" ] || { find . -type f; echo "not cleaned"; exit 1; }
  ) >"$log" 2>&1; then result dist 1 0; else result dist 0 1; fi
  chmod -R u+w "$work/dist" 2>/dev/null || true
  rm -rf "$work/dist"
}

suite_static() {
  local log=$work/static.log t passed=0 failed=0 status
  : >"$log"
  for t in tests/static/*.sh; do
    status=0
    ATELIER_BUILD_DIR=$work/build "$t" >"$work/one.log" 2>&1 || status=$?
    cat "$work/one.log" >>"$log"
    case $status in
    0) passed=$((passed + 1)) ;;
    77) echo "skipped: $t" >>"$log" ;;
    *)
      echo "not ok $t" >>"$log"
      failed=$((failed + 1))
      ;;
    esac
  done
  result static "$passed" "$failed"
}

# --- suites of node ---

# Runs test files one after the other against what the environment names.
node_tests() { # suite file...
  local suite=$1 log=$work/$1.log failed
  shift
  node --test --test-reporter=tap --test-concurrency=1 "$@" >"$log" 2>&1 || true
  failed=$(($(count "$log" fail) + $(count "$log" cancelled)))
  if [ "$failed" = 0 ] && ! grep -q '^# pass ' "$log"; then failed=1; fi
  result "$suite" "$(count "$log" pass)" "$failed"
}

# A stack with a community, and its addresses in the environment.
with_stack() { # suite file...
  local suite=$1 dir=$work/stack-$1 addresses
  shift
  mkdir -p "$dir"
  if ! ATELIER_RATELIMIT_SCALE=1000 "$stack" up "$dir" >"$work/$suite.log" 2>&1; then
    result "$suite" 0 1
    "$stack" down "$dir" || true
    return 0
  fi
  addresses=$("$stack" env "$dir")
  "$stack" ctl "$dir" tenant create main --modules core,pocs --host localhost,127.0.0.1 --base-url "$(sed -n 's/^ATELIER_URL=//p' <<<"$addresses")" >/dev/null
  "$stack" ctl "$dir" tenant create other --host other.localhost >/dev/null
  (
    set -a
    eval "$addresses"
    [ "${BEHIND_APACHE:-0}" != 1 ] || export ATELIER_URL=$ATELIER_APACHE_URL
    node_tests "$suite" "$@"
  )
  "$stack" down "$dir"
}

files() { find "$@" -name '*.test.mjs' 2>/dev/null | sort || true; }

node_suite() { # suite folder...
  local suite=$1 list
  shift
  mapfile -t list < <(files "$@")
  if [ ${#list[@]} -gt 0 ]; then with_stack "$suite" "${list[@]}"; fi
}

suite_media() {
  local list
  mapfile -t list < <(files tests/media)
  [ ${#list[@]} -gt 0 ] || return 0
  ATELIER_BUILD_DIR=$work/build node_tests media "${list[@]}"
}

suite_api() { node_suite api tests/api; }
suite_libfcgi() { STACK_ENGINE=libfcgi node_suite libfcgi tests/api; }
# Not again what tests/api/once-is-enough names, which says why.
suite_apache() {
  local list once=tests/api/once-is-enough
  mapfile -t list < <(files tests/api tests/apache | grep -vxFf <(sed -nE 's#^([a-z][a-z-]*) +[^ ].*#tests/api/\1.test.mjs#p' "$once"))
  BEHIND_APACHE=1 STACK_APACHE=1 with_stack apache "${list[@]}"
}
suite_clients() { ATELIER_BUILD_DIR=$work/build node_suite clients tests/clients; }
suite_clips() { node_suite clips tests/clips; }
suite_browser() { node_suite browser tests/browser; }
suite_faults() { node_suite faults tests/faults; }
# The programs as they are, but for the web process. Whatever a sanitizer said in the end is a failure, also where a retry hid it.
suite_asan() {
  local reports
  if ! build_asan >"$work/asan.log" 2>&1; then
    result asan 0 1
    return 0
  fi
  rm -rf "$work/inst-mixed"
  cp -a "$STACK_PREFIX" "$work/inst-mixed"
  cp "$work/build-asan/atelier-fcgi" "$work/inst-mixed/sbin/"
  STACK_PREFIX=$work/inst-mixed ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 node_suite asan tests/api
  reports=$(grep -hE -A 30 'ERROR: AddressSanitizer|runtime error:' "$work"/stack-asan/log/* || true)
  if [ -n "$reports" ]; then
    head -n 200 <<<"$reports"
    result asan-reports 0 1
  fi
}
# Master and children; what they had still in use when they ended is no leak, what nobody points to is.
suite_valgrind() {
  local logs=$work/valgrind list
  rm -rf "$logs"
  mkdir -m 777 "$logs"
  mapfile -t list < <(files tests/api | grep -E "${VALGRIND_FILES:-.}")
  STACK_FCGI_UNDER="valgrind --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --log-file=$logs/%p.log" \
    with_stack valgrind "${list[@]}"
  if grep -L 'ERROR SUMMARY: 0 errors' "$logs"/*.log >"$logs/bad" && [ -s "$logs/bad" ]; then
    xargs head -n 60 <"$logs/bad"
    result valgrind-reports 0 1
  fi
}
suite_scan() { node_suite scan tests/scan; }

# --- the run ---

prepare() {
  echo "Building in $work"
  build "$work/build" "$STACK_PREFIX" --enable-developer
  # Every stack begins with a copy of one empty database.
  if [ ! -d "$work/cluster" ]; then
    mkdir -p "$work/first"
    step "$work/cluster.log" "$stack" up "$work/first"
    step "$work/cluster.log" "$stack" down "$work/first"
    mv "$work/first/pg" "$work/cluster"
  fi
  export STACK_CLUSTER=$work/cluster
  if [ -f tests/package-lock.json ]; then step "$work/npm.log" npm ci --prefix tests --no-audit --no-fund --loglevel=error; fi
}

lane() { # suite...
  local s
  for s; do
    case $wanted in
    *" $s "*) "suite_$s" || { [ -f "$work/results/$s" ] || result "$s" 0 1; } ;;
    esac
  done
}

main() {
  local passed failed
  prepare || {
    echo "0 passed, 1 failed"
    exit 1
  }
  wanted=" ${*:-unit media sanitize dist static api libfcgi apache clients clips browser faults} "
  # Two lanes of what mostly waits, one of what computes.
  lane static unit dist sanitize media clips clients &
  lane api apache &
  lane libfcgi browser faults
  wait
  lane scan asan valgrind
  read -r passed failed < <(cat "$work"/results/* | awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
  if [ "$failed" = 0 ] && [ -z "${TESTS_DIR:-}" ]; then rm -rf "$work"; fi
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}

main "$@"
