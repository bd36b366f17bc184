# shellcheck shell=bash disable=SC2154
# etc/stack/demo.sh - what a new private installation gets: a community, an administrator, a clip that plays.
# Sourced by quickstart.sh, which sets state, clip and port.

ctl() { etc/stack/stack.sh ctl "$state" "$@"; }

demo_account() {
  local env=$state/quickstart.env password
  if [ ! -f "$env" ]; then
    password=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
    if [ "$(ctl tenant list --json | jq length)" = 0 ]; then
      ctl tenant create main --name "My community" --modules core,pocs --host localhost,127.0.0.1 --base-url "http://localhost:$port" >/dev/null
    fi
    ctl user create --tenant main --role admin --username admin --email admin@atelier.example \
      --display-name Administrator >/dev/null <<<"$password"
    (
      umask 077
      printf '%s=%s\n' ATELIER_URL "http://localhost:$port" ADMIN_EMAIL admin@atelier.example ADMIN_PASSWORD "$password" >"$env.new"
    )
    mv "$env.new" "$env"
  elif ! grep -qx "ATELIER_URL=http://localhost:$port" "$env"; then
    sed -i "s#^ATELIER_URL=.*#ATELIER_URL=http://localhost:$port#" "$env"
    ctl tenant set main --base-url "http://localhost:$port" >/dev/null
  fi
  # shellcheck source=/dev/null
  . "$env"
}

api() { # method path [curl argument...]
  local method=$1 path=$2
  shift 2
  curl -sS -X "$method" -H 'Content-Type: application/json' "$@" "$ATELIER_URL/api/v1$path"
}

fail_demo() {
  echo "quickstart: the clip was not taken: $1" >&2
  return 1
}

# A clip with motion, detail, a counter and a tone, when no real one is at hand.
draw_clip() { # file
  echo "Drawing a clip of 12 seconds"
  ffmpeg -hide_banner -loglevel error -y -f lavfi -i 'testsrc2=size=1280x720:rate=30:duration=12' \
    -f lavfi -i 'sine=frequency=440:beep_factor=4:sample_rate=48000:duration=12' \
    -c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac -b:a 128k -movflags +faststart "$1"
}

demo_clip() {
  local file=$clip token id made url
  [ ! -s "$state/demo.id" ] || return 0
  if [ -z "$file" ]; then
    file=$state/demo.mp4
    [ -s "$file" ] || draw_clip "$file"
  fi
  token=$(api POST /auth/login -d "$(jq -n --arg e "$ADMIN_EMAIL" --arg p "$ADMIN_PASSWORD" '{email: $e, password: $p}')" |
    jq -r .data.accessToken)
  made=$(api POST /videos/upload-url -H "Authorization: Bearer $token" -d '{}')
  id=$(jq -r '.data.videoId // empty' <<<"$made")
  url=$(jq -r '.data.uploadUrl // empty' <<<"$made")
  [ -n "$id" ] || fail_demo "$made"
  echo "Uploading $(basename "$file")"
  curl -sSf -T "$file" "$url" || fail_demo "PUT $url"
  api POST /videos -H "Authorization: Bearer $token" -f -o /dev/null \
    -d "$(jq -n --arg id "$id" '{videoId: $id, title: "A first clip", description: "Uploaded by quickstart.sh", visibility: "public"}')" ||
    fail_demo "POST /videos"
  wait_until_it_plays "$id" "$token"
  echo "$id" >"$state/demo.id"
}

wait_until_it_plays() { # id token
  local i video
  echo "Waiting until it plays"
  for ((i = 0; i < 600; i++)); do
    video=$(api GET "/videos/$1" -H "Authorization: Bearer $2")
    case $(jq -r '.data.status // .error.code' <<<"$video") in
    failed) fail_demo "$(jq -r '.data.failure // "no reason was given"' <<<"$video")" ;;
    ready | processing) if first_bytes "$1"; then return 0; fi ;;
    esac
    sleep 0.5
  done
  fail_demo "it does not play after five minutes; see $state/log"
}

# A player's first three steps: the list of rungs, a rung's list of segments, bytes of its file.
first_bytes() { # id
  local master base rung file
  master=$(api GET "/videos/$1/stream" | jq -r '.data.hlsUrl // empty')
  [ -n "$master" ] || return 1
  case $master in /*) master=$ATELIER_URL$master ;; esac
  base=${master%/*}
  rung=$(curl -sf "$master" | grep -v '^#' | head -n 1) || return 1
  file=$(curl -sf "$base/$rung" | sed -n 's/^#EXT-X-MAP:.*URI="\([^"]*\)".*/\1/p' | head -n 1) || return 1
  [ -n "$file" ] && [ "$(curl -sf -r 0-1023 "$base/$file" | wc -c)" = 1024 ]
}

demo_say() {
  local id master
  id=$(cat "$state/demo.id")
  master=$(api GET "/videos/$id/stream" | jq -r .data.hlsUrl)
  case $master in /*) master=$ATELIER_URL$master ;; esac
  cat <<EOF

Atelier runs at $ATELIER_URL
  feed            $ATELIER_URL/api/v1/videos/feed
  the clip        $ATELIER_URL/api/v1/videos/$id
  its stream      $master
  API document    $ATELIER_URL/api/v1/openapi.json
  administrator   $ADMIN_EMAIL, password in var/quickstart.env
  state, logs     $state
Stop it with ./quickstart.sh down; what is there stays.
EOF
}
