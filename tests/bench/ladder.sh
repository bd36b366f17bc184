#!/bin/bash
# ladder.sh - the ladder of a 25-s 1080p25 clip against one ffmpeg process that does the same with the same encoder
# settings (one decode, split filter, four encodes). Prints `bench NAME ours VALUE reference VALUE ratio R` lines.
#   ATELIER_MEDIA_DIR  real clips (files/); without it there is nothing to measure
#   ATELIER_BUILD_DIR  where tests/bench/ladder was built (default: here)
#   ATELIER_BENCH_ROUNDS  runs of each, in turns; the least disturbed counts (default 3)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${ATELIER_BUILD_DIR:-.}/tests/bench
rounds=${ATELIER_BENCH_ROUNDS:-3}
if [ ! -d "${ATELIER_MEDIA_DIR:-}/files" ] || ! command -v ffmpeg >/dev/null; then
	echo "skipped: ladder needs ATELIER_MEDIA_DIR and ffmpeg"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/reference" "$work/ours" "$work/copied"

reference() {
	local encode=(-c:v libx264 -preset veryfast -crf 20 -profile:v high -sc_threshold 0 -g 100000 -forced-idr 1
		-force_key_frames 'expr:gte(t,n_forced*2)' -c:a aac -b:a 128k -ar 48000 -ac 2 -movflags +faststart)
	"$bin/measure" ffmpeg -nostdin -v error -y -i "$1" -filter_complex \
		'[0:v]split=4[a][b][c][d];[b]scale=-2:720[e];[c]scale=-2:480[f];[d]scale=-2:360[g]' \
		-map '[a]' -map 0:a "${encode[@]}" -maxrate 6000k -bufsize 12000k "$2/1080p.mp4" \
		-map '[e]' -map 0:a "${encode[@]}" -maxrate 3200k -bufsize 6400k "$2/720p.mp4" \
		-map '[f]' -map 0:a "${encode[@]}" -maxrate 1600k -bufsize 3200k "$2/480p.mp4" \
		-map '[g]' -map 0:a "${encode[@]}" -maxrate 900k -bufsize 1800k "$2/360p.mp4"
}

# field LINE NAME: the number of NAME=number
field() { sed -n "s/.*$2=\([0-9.]*\).*/\1/p" <<<"$1" | tail -1; }
least() { awk -v a="$1" -v b="$2" 'BEGIN { print (a == "" || b < a) ? b : a }'; }
say() { awk -v n="$1" -v o="$2" -v r="$3" 'BEGIN { printf "bench %s ours %s reference %s ratio %.3f\n", n, o, r, o / r }'; }
# How a rung looks on a full screen against the source.
ssim() {
	ffmpeg -nostdin -v info -i "$1" -i "$2" -lavfi '[0:v]scale=1920:1080:flags=bicubic[u];[u][1:v]ssim' -f null - 2>&1 |
		sed -n 's/.*All:\([0-9.]*\).*/\1/p'
}

"$here/clip.sh" "$work/clip.mp4"
"$here/clip.sh" "$work/conforming.mp4" conforming
ref_user='' ref_peak='' our_user='' our_peak='' our_wall='' our_first='' copy_user='' copyref_user='' copy_first='' copy_wall=''
for ((i = 0; i < rounds; i++)); do
	out=$(reference "$work/clip.mp4" "$work/reference" 2>&1)
	ref_user=$(least "$ref_user" "$(field "$out" user)")
	ref_peak=$(least "$ref_peak" "$(field "$out" peak_kb)")
	out=$("$bin/measure" "$bin/ladder" "$work/clip.mp4" "$work/ours" 2>&1)
	our_user=$(least "$our_user" "$(field "$(grep ^measured <<<"$out")" user)")
	our_peak=$(least "$our_peak" "$(field "$(grep ^measured <<<"$out")" peak_kb)")
	our_first=$(field "$(grep ^rung <<<"$out" | head -1)" at)
	our_wall=$(field "$(grep ^used <<<"$out")" wall)
	out=$(reference "$work/conforming.mp4" "$work/copied" 2>&1)
	copyref_user=$(least "$copyref_user" "$(field "$out" user)")
	out=$("$bin/measure" "$bin/ladder" "$work/conforming.mp4" "$work/copied" 2>&1)
	grep -q 'copied=1' <<<"$out" || { echo "the conforming clip was not copied"; exit 1; }
	copy_user=$(least "$copy_user" "$(field "$(grep ^measured <<<"$out")" user)")
	copy_first=$(field "$(grep ^rung <<<"$out" | head -1)" at)
	copy_wall=$(field "$(grep ^used <<<"$out")" wall)
done
say ladder_user_cpu_s "$our_user" "$ref_user"
say ladder_peak_memory_kb "$our_peak" "$ref_peak"
say ladder_first_rung_s_of_whole "$our_first" "$our_wall"
say ladder_copied_user_cpu_s "$copy_user" "$copyref_user"
say ladder_copied_first_rung_s_of_whole "$copy_first" "$copy_wall"
for rung in 1080p 720p 480p 360p; do
	say "ladder_ssim_$rung" "$(ssim "$work/ours/$rung.mp4" "$work/clip.mp4")" "$(ssim "$work/reference/$rung.mp4" "$work/clip.mp4")"
	say "ladder_bytes_$rung" "$(stat -c %s "$work/ours/$rung.mp4")" "$(stat -c %s "$work/reference/$rung.mp4")"
done
