#!/bin/bash
# clip.sh - makes a 25-s 1080p25 clip with sound out of real material: clip.sh OUT.mp4 [conforming]
# "conforming" has closed 2-s groups of pictures and could be published as it is.
set -euo pipefail
media=${ATELIER_MEDIA_DIR:?folder with files/}/files
out=$1
gop=(-g 250)
[ "${2:-}" = conforming ] && gop=(-g 50 -keyint_min 50 -sc_threshold 0 -maxrate 5500k -bufsize 8000k)
shape='scale=1920:1080:force_original_aspect_ratio=increase,crop=1920:1080,setsar=1,fps=25,format=yuv420p'
ffmpeg -v error -y -i "$media/mediabunny_video-h265.mp4" -i "$media/mediabunny_hevc.ts" -i "$media/flutter_Butterfly-209.webm" \
	-i "$media/peertube_the_last_man_on_earth.mp4" -stream_loop 1 -i "$media/peertube_the_last_man_on_earth.mp4" \
	-filter_complex "[0:v]${shape}[a];[1:v]${shape}[b];[2:v]${shape}[c];[3:v]${shape}[d];[a][b][c][d]concat=n=4:v=1:a=0[v]" \
	-map '[v]' -map 4:a -t 25 -c:v libx264 -preset medium -crf 18 "${gop[@]}" -bf 2 \
	-color_primaries bt709 -color_trc bt709 -colorspace bt709 -c:a aac -b:a 160k -ar 48000 -ac 2 -movflags +faststart "$out"
