/* playlist.c - HLS playlists: byte ranges of one file each, and the master. Written whole or not at all. */
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "worker/media/internal.h"

#define LONGEST_SEGMENT 1.5 /* of the wanted length */

int
write_whole(const char *folder, const char *name, const void *bytes, size_t size)
{
	char path[4096], part[4096];
	int fd, rc = 0;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(part, sizeof(part), "%s/.%s.part", folder, name);
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return AVERROR(errno);
	if (write(fd, bytes, size) != (ssize_t)size || fdatasync(fd) != 0)
		rc = AVERROR(errno ? errno : EIO);
	close(fd);
	if (rc == 0 && rename(part, path) != 0)
		rc = AVERROR(errno);
	if (rc != 0)
		unlink(part);
	return rc;
}

static double
seconds(int64_t ticks)
{
	return (double)ticks / TICKS;
}

/*
 * Groups of pictures become segments of the wanted length up to half as much again; a short rest at the end joins the
 * last segment where it fits. segment_ends[i] is one past the last fragment of segment i; returns how many.
 */
int
playlist_segments(const struct fragment *fragments, int count, double segment_s, int *segment_ends)
{
	int segments = 0;
	double length = 0, before = 0;

	for (int i = 0; i < count; i++) {
		length += seconds(fragments[i].duration);
		if (length >= segment_s - 0.1 || i == count - 1) {
			segment_ends[segments++] = i + 1;
			if (i == count - 1 && segments > 1 && length < segment_s - 0.1 && before + length <= segment_s * LONGEST_SEGMENT) {
				segments--;
				segment_ends[segments - 1] = count;
			}
			before = length;
			length = 0;
		}
	}
	return segments;
}

static struct fragment
join(const struct fragment *fragments, int from, int end)
{
	struct fragment whole = fragments[from];

	for (int i = from + 1; i < end; i++) {
		whole.duration += fragments[i].duration;
		whole.size += fragments[i].size;
	}
	return whole;
}

static void
write_segments(FILE *out, const struct media_rung *rung, const struct muxer *m, const int *ends, int segments)
{
	for (int i = 0; i < segments; i++) {
		struct fragment s = join(m->fragments, i ? ends[i - 1] : 0, ends[i]);

		fprintf(out, "#EXTINF:%.5f,\n#EXT-X-BYTERANGE:%lld@%lld\n%s\n", seconds(s.duration), (long long)s.size,
		    (long long)s.offset, rung->file);
	}
}

int
playlist_write_rung(const char *folder, const struct media_rung *rung, const struct muxer *m, double segment_s)
{
	int *ends = av_malloc_array((size_t)m->fragment_count + 1, sizeof(int));
	int segments = ends ? playlist_segments(m->fragments, m->fragment_count, segment_s, ends) : 0;
	double longest = 1;
	char *text = NULL;
	size_t size = 0;
	FILE *out = ends ? open_memstream(&text, &size) : NULL;
	int rc;

	if (!out) {
		av_free(ends);
		return AVERROR(ENOMEM);
	}
	for (int i = 0; i < segments; i++)
		longest = fmax(longest, seconds(join(m->fragments, i ? ends[i - 1] : 0, ends[i]).duration));
	fprintf(out, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
	             "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"%s\",BYTERANGE=\"%lld@0\"\n",
	    (int)lround(longest), rung->file, (long long)m->head_size);
	write_segments(out, rung, m, ends, segments);
	fputs("#EXT-X-ENDLIST\n", out);
	rc = fclose(out) == 0 ? write_whole(folder, rung->playlist, text, size) : AVERROR(ENOMEM);
	free(text);
	av_free(ends);
	return rc;
}

void
playlist_bandwidth(const struct fragment *fragments, int count, double segment_s, struct media_rung *rung)
{
	int *ends = av_malloc_array((size_t)count + 1, sizeof(int));
	int segments = ends ? playlist_segments(fragments, count, segment_s, ends) : 0;
	int64_t bytes = 0, ticks = 0;
	double peak = 0;

	for (int i = 0; i < segments; i++) {
		struct fragment s = join(fragments, i ? ends[i - 1] : 0, ends[i]);

		bytes += s.size;
		ticks += s.duration;
		/* The rest at the end is too short to say what a connection must carry. */
		if (s.duration > 0 && (segments == 1 || i < segments - 1 || seconds(s.duration) >= segment_s / 2))
			peak = fmax(peak, (double)s.size * 8 / seconds(s.duration));
	}
	rung->bandwidth_bps = (int64_t)ceil(peak);
	rung->average_bandwidth_bps = ticks ? (int64_t)ceil((double)bytes * 8 / seconds(ticks)) : 0;
	rung->bandwidth_bps = FFMAX(rung->bandwidth_bps, rung->average_bandwidth_bps);
	av_free(ends);
}

/* RFC 6381: profile, compatibility and level are bytes 1 to 3 of avcC, or follow the first SPS of Annex B. */
void
playlist_codecs(const AVCodecParameters *video, bool has_audio, char *text, size_t size)
{
	const uint8_t *bytes = video->extradata;
	const uint8_t *sps = NULL;

	if (bytes && video->extradata_size > 7 && bytes[0] == 1)
		sps = bytes + 1;
	for (int i = 0; bytes && !sps && i + 7 < video->extradata_size; i++) {
		if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1 && (bytes[i + 3] & 31) == 7)
			sps = bytes + i + 4;
	}
	snprintf(text, size, "avc1.%02x%02x%02x%s", sps ? sps[0] : 0x64, sps ? sps[1] : 0, sps ? sps[2] : 0x28,
	    has_audio ? ",mp4a.40.2" : "");
}

int
playlist_write_master(const char *folder, const struct media_rung *rungs, const bool *ready, int count)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int rc;

	if (!out)
		return AVERROR(ENOMEM);
	fputs("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n", out);
	for (int i = 0; i < count; i++) {
		const struct media_rung *r = &rungs[i];

		if (!ready[i])
			continue;
		fprintf(out, "#EXT-X-STREAM-INF:BANDWIDTH=%lld,AVERAGE-BANDWIDTH=%lld,RESOLUTION=%dx%d,FRAME-RATE=%.3f,CODECS=\"%s\"\n%s\n",
		    (long long)r->bandwidth_bps, (long long)r->average_bandwidth_bps, r->width, r->height, r->fps, r->codecs,
		    r->playlist);
	}
	rc = fclose(out) == 0 ? write_whole(folder, "master.m3u8", text, size) : AVERROR(ENOMEM);
	free(text);
	return rc;
}
