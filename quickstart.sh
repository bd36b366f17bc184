#!/usr/bin/env bash
# Atelier on this machine, in one command; Debian 12.
#
#   ./quickstart.sh up      installs packages, builds, starts a private PostgreSQL, Redis, nginx and the daemons on
#                           loopback, makes an administrator, uploads a clip and waits until it plays
#   ./quickstart.sh check   builds everything again with warnings as errors and with sanitizers, and runs every test
#   ./quickstart.sh down    stops what `up` started; the data stays for the next `up`
#
#   ATELIER_PORT (8080)     where nginx listens       ATELIER_DEMO_CLIP    a video file of yours to begin with
#   ATELIER_*               any setting of etc/atelier.conf, handed to the daemons
# State lives in ./var. What other people would have to read lies elsewhere when ./ is closed to them: then ./var is a link.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$here"
# shellcheck source=etc/stack/packages.sh
. etc/stack/packages.sh
# shellcheck source=etc/stack/build.sh
. etc/stack/build.sh
# shellcheck source=etc/stack/demo.sh
. etc/stack/demo.sh
PATH=$PATH:/usr/sbin:/sbin
clip=${ATELIER_DEMO_CLIP:-}
port=${ATELIER_PORT:-8080}
unset ATELIER_DEMO_CLIP ATELIER_PORT ATELIER_URL ATELIER_CONF
# The administrator of a stack on loopback can act at once; elsewhere the role wants a second factor.
export ATELIER_AUTH_MFA_ROLES=${ATELIER_AUTH_MFA_ROLES-operator}

die() {
  echo "quickstart: $*" >&2
  exit 1
}

# The stack runs as a user of its own when root starts it, and that user must be able to walk to its files.
make_state() {
  local elsewhere
  if [ "$(id -u)" = 0 ] && [ ! -e var ] && ! setpriv --reuid nobody --regid nogroup --clear-groups test -x "$here"; then
    elsewhere=/var/lib/atelier-quickstart-$(cksum <<<"$here" | cut -d ' ' -f 1)
    mkdir -p "$elsewhere"
    ln -s "$elsewhere" var
  fi
  mkdir -p var
  state=$(cd var && pwd -P)
}

# Someone else's server on our port would answer in our place.
check_port() {
  local known
  known=$(sed -n 's/^PORT=//p' "$state/stack.env" 2>/dev/null || true)
  if [ "$known" = "$port" ] && etc/stack/stack.sh pid "$state" nginx >/dev/null; then return 0; fi
  if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    die "port $port of 127.0.0.1 is taken; choose another: ATELIER_PORT=8081 ./quickstart.sh up"
  fi
}

up() {
  packages_install "${packages_build[@]}" "${packages_run[@]}"
  make_state
  check_port
  build "$here/build" "$state/inst"
  STACK_PREFIX=$state/inst STACK_PORT=$port etc/stack/stack.sh up "$state"
  demo_account
  demo_clip
  demo_say
}

check() {
  packages_install "${packages_build[@]}" "${packages_run[@]}" "${packages_check[@]}"
  exec tests/run.sh
}

case ${1:-} in
up) up ;;
check) check ;;
down)
  [ -d var ] || exit 0
  make_state
  etc/stack/stack.sh down "$state"
  ;;
*)
  sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$0" >&2
  exit 64
  ;;
esac
