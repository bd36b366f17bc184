# shellcheck shell=bash disable=SC2034
# etc/stack/packages.sh - the Debian 12 packages, by what they are for. The one list.

packages_build=(
  autoconf autoconf-archive automake build-essential gawk gettext pkg-config
  libarchive-dev libargon2-dev libavcodec-dev libavfilter-dev libavformat-dev libavutil-dev libchromaprint-dev libcsv-dev libcurl4-openssl-dev libfcgi-dev
  libhiredis-dev libinih-dev libjson-c-dev libjwt-dev libcairo2-dev libmaxminddb-dev liboath-dev libpango1.0-dev libpng-dev libpq-dev libqrencode-dev libseccomp-dev
  libssl-dev libqpdf-dev libwebsockets-dev libswresample-dev libswscale-dev libtalloc-dev libuv1-dev libxlsxwriter-dev libxml2-dev libxslt1-dev
)
packages_run=(bubblewrap curl ffmpeg fonts-noto-cjk fonts-noto-color-emoji fonts-noto-core fonts-noto-mono gcc jq libc6-dev lua5.4 media-types nginx-light nodejs postgresql-15 python3 redis-server ruby)
packages_check=(
  apache2-bin chromium clamav-daemon libxml2-utils clang cppcheck libcmocka-dev libfcgi-bin libreoffice-calc-nogui mandoc nodejs npm poppler-utils prometheus python3-aiosmtpd qpdf shellcheck systemd valgrind wrk
)

# Which of these are not there yet.
packages_missing() { # package...
  local p
  for p; do
    if [ "$p" = npm ] && command -v npm >/dev/null; then continue; fi # comes with nodejs from its makers
    dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || echo "$p"
  done
}

# Installs what is missing; no service of the packages is started: a stack starts its own.
packages_install() { # package...
  local missing as_root=() policy=/usr/sbin/policy-rc.d mine=0 status=0
  mapfile -t missing < <(packages_missing "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Installing ${missing[*]}"
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  if [ ! -e "$policy" ]; then
    mine=1
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  "${as_root[@]}" apt-get update -qq || status=$?
  [ $status != 0 ] || "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null || status=$?
  [ $mine = 0 ] || "${as_root[@]}" rm -f "$policy"
  return $status
}
