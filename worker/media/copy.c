/*
 * copy.c - a source whose pictures already are what we would make of them is taken as it is: half the work saved, no
 * quality lost. It is looked through packet by packet first; whatever is in doubt is encoded.
 */
#include <math.h>

#include "worker/media/internal.h"

#define HIGHEST_LEVEL 42
#define GOP_GRACE 1.05
#define LONGEST_HOLE (TICKS / 2)

enum { NAL_IDR = 5, NAL_SEI = 6, NAL_SPS = 7, NAL_PPS = 8, NAL_DELIMITER = 9 };

struct look {
	const AVStream *stream;
	int length_bytes;
	int64_t origin_us;
	int64_t *keys; /* of closed groups, ticks */
	int key_count, key_capacity;
	int64_t last_dts, last_key, end, longest_gop;
	int64_t bytes, group_bytes;
	double worst_bps;
};

static int64_t
to_ticks(const AVStream *st, int64_t origin_us, int64_t time)
{
	return av_rescale_q(time, st->time_base, (AVRational){ 1, TICKS }) - US_TO_TICKS(origin_us);
}

/* By what the headers say; costs nothing. */
static bool
looks_conforming(const struct job *job, const AVStream *st)
{
	const AVCodecParameters *par = st->codecpar;
	const struct media_rung *top = &job->rungs[0].info;
	const struct media_info *info = &job->info;
	int profile = par->profile & ~(FF_PROFILE_H264_CONSTRAINED | FF_PROFILE_H264_INTRA);

	return par->codec_id == AV_CODEC_ID_H264 && par->extradata_size > 8 && par->extradata[0] == 1 &&
	       (profile == FF_PROFILE_H264_BASELINE || profile == FF_PROFILE_H264_MAIN || profile == FF_PROFILE_H264_HIGH) &&
	       par->level <= HIGHEST_LEVEL && par->format == AV_PIX_FMT_YUV420P && par->color_range != AVCOL_RANGE_JPEG &&
	       par->color_primaries != AVCOL_PRI_BT2020 && info->hdr == MEDIA_SDR && info->rotation == 0 && !info->mirrored &&
	       !info->interlaced && par->width == top->width && par->height == top->height && info->width == top->width &&
	       info->height == top->height && info->fps > 0 && info->fps <= 60.5;
}

/* Parameters that change in the middle cannot be said in the head of our file. */
static bool
scan_units(const struct look *l, const AVPacket *p, bool *is_idr)
{
	int at = 0;

	*is_idr = false;
	while (at + l->length_bytes < p->size) {
		uint32_t size = 0;

		for (int i = 0; i < l->length_bytes; i++)
			size = size << 8 | p->data[at + i];
		at += l->length_bytes;
		if (size == 0 || size > (uint32_t)(p->size - at))
			return false;
		*is_idr |= (p->data[at] & 31) == NAL_IDR;
		if ((p->data[at] & 31) == NAL_SPS || (p->data[at] & 31) == NAL_PPS)
			return false;
		at += (int)size;
	}
	return at == p->size;
}

static bool
note_key(struct look *l, int64_t pts)
{
	if (l->key_count == l->key_capacity) {
		int capacity = l->key_capacity ? 2 * l->key_capacity : 256;
		int64_t *keys = av_realloc_array(l->keys, (size_t)capacity, sizeof(*keys));

		if (!keys)
			return false;
		l->keys = keys;
		l->key_capacity = capacity;
	}
	if (l->key_count) {
		l->longest_gop = FFMAX(l->longest_gop, pts - l->last_key);
		l->worst_bps = fmax(l->worst_bps, (double)l->group_bytes * 8 * TICKS / (double)FFMAX(pts - l->last_key, TICKS));
	}
	l->keys[l->key_count++] = l->last_key = pts;
	l->group_bytes = 0;
	return true;
}

static bool
look_at(struct look *l, const AVPacket *p)
{
	int64_t pts, dts;
	bool is_idr;

	if (p->pts == AV_NOPTS_VALUE || p->dts == AV_NOPTS_VALUE || p->pts < p->dts)
		return false;
	if (p->flags & (AV_PKT_FLAG_CORRUPT | AV_PKT_FLAG_DISCARD) || !scan_units(l, p, &is_idr))
		return false;
	pts = to_ticks(l->stream, l->origin_us, p->pts);
	dts = to_ticks(l->stream, l->origin_us, p->dts);
	if (l->key_count == 0 && (!is_idr || pts != 0))
		return false;
	if (l->key_count && (dts <= l->last_dts || dts - l->last_dts > LONGEST_HOLE || pts < l->last_key))
		return false;
	if (is_idr != !!(p->flags & AV_PKT_FLAG_KEY) || (is_idr && !note_key(l, pts)))
		return false;
	l->last_dts = dts;
	l->bytes += p->size;
	l->group_bytes += p->size;
	l->end = FFMAX(l->end, pts + to_ticks(l->stream, 0, FFMAX(p->duration, 1)));
	return true;
}

/* Cuts fall on closed groups, each as near to the wanted length as the source allows. */
static int
choose_cuts(struct look *l, int64_t gop)
{
	int kept = 1;

	for (int i = 1; i < l->key_count; i++) {
		bool is_last = i + 1 == l->key_count;

		if (is_last ? l->keys[i] - l->keys[kept - 1] >= gop / 2 : l->keys[i + 1] - l->keys[kept - 1] > gop)
			l->keys[kept++] = l->keys[i];
	}
	return kept;
}

static bool
is_within_policy(const struct job *job, const struct look *l)
{
	const struct encode_settings *s = &job->rungs[0].settings;
	double gop_s = job->request->policy.gop_s;
	int64_t container = US_TO_TICKS(job->info.duration_us);
	int64_t last_gop = l->end - l->last_key;

	if (l->key_count == 0 || l->end < TICKS / 2 || FFMAX(l->longest_gop, last_gop) > gop_s * GOP_GRACE * TICKS)
		return false;
	if (container > 0 && llabs(container - l->end) > TICKS / 2)
		return false;
	return (double)l->bytes * 8 * TICKS / (double)l->end <= (double)s->maxrate_bps &&
	       l->worst_bps <= (double)s->maxrate_bps + (double)s->bufsize_bits / gop_s;
}

bool
copy_is_possible(struct job *job)
{
	__attribute__((cleanup(cleanup_input))) struct input in = { .stop = &job->stop };
	AUTO(packet) AVPacket *packet = av_packet_alloc();
	struct media_failure ignored;
	struct look l = { .origin_us = job->origin_us };
	bool ok;

	if (!packet || input_open(&in, job->request->source, &job->request->policy.limits, &ignored) != MEDIA_OK)
		return false;
	l.stream = in.format->streams[job->info.video_stream];
	ok = looks_conforming(job, l.stream);
	l.length_bytes = ok ? (l.stream->codecpar->extradata[4] & 3) + 1 : 0;
	while (ok && av_read_frame(in.format, packet) >= 0) {
		if (packet->stream_index == l.stream->index)
			ok = look_at(&l, packet);
		av_packet_unref(packet);
		job_progress(job, 0);
	}
	ok = ok && is_within_policy(job, &l) && !job_should_stop(job);
	if (ok) {
		job->keyframe_count = choose_cuts(&l, llround(job->request->policy.gop_s * GOP_GRACE * TICKS));
		job->keyframes = l.keys;
	} else {
		av_free(l.keys);
	}
	return ok;
}

/* User data of cameras and editors travels in SEI units: none of it is published. */
static int
strip_units(AVPacket *p, int length_bytes)
{
	int rc = av_packet_make_writable(p);
	int at = 0, kept = 0;

	while (rc >= 0 && at + length_bytes < p->size) {
		int unit = length_bytes;

		for (int i = 0, size = 0; i < length_bytes; i++) {
			size = size << 8 | p->data[at + i];
			unit = length_bytes + size;
		}
		if (unit < length_bytes || unit > p->size - at)
			return AVERROR_INVALIDDATA;
		if ((p->data[at + length_bytes] & 31) != NAL_SEI && (p->data[at + length_bytes] & 31) != NAL_DELIMITER) {
			memmove(p->data + kept, p->data + at, (size_t)unit);
			kept += unit;
		}
		at += unit;
	}
	if (rc >= 0)
		av_shrink_packet(p, kept);
	return rc;
}

static int
write_packet(struct job *job, struct rung *r, const AVStream *st, AVPacket *p, int *cut)
{
	int rc = strip_units(p, (st->codecpar->extradata[4] & 3) + 1);
	bool is_cut;

	p->pts = to_ticks(st, job->origin_us, p->pts);
	p->dts = to_ticks(st, job->origin_us, p->dts);
	is_cut = *cut < job->keyframe_count && p->pts == job->keyframes[*cut];
	*cut += is_cut;
	av_packet_free_side_data(p);
	job_progress(job, 0);
	return rc < 0 ? rc : muxer_video(&r->mux, p, FFMAX(1, to_ticks(st, 0, p->duration)), is_cut);
}

static int
copy_packets(struct job *job, struct rung *r, struct input *in, const AVStream *st)
{
	AUTO(packet) AVPacket *p = av_packet_alloc();
	int cut = 0;
	int rc = p ? 0 : AVERROR(ENOMEM);

	while (rc >= 0 && !job_should_stop(job)) {
		rc = av_read_frame(in->format, p);
		if (rc == AVERROR_EOF)
			return muxer_finish(&r->mux);
		if (rc >= 0 && p->stream_index == st->index)
			rc = write_packet(job, r, st, p, &cut);
		av_packet_unref(p);
	}
	return rc < 0 ? rc : AVERROR_EXIT;
}

int
copy_run(struct job *job, struct rung *r)
{
	__attribute__((cleanup(cleanup_input))) struct input in = { .stop = &job->stop };
	struct media_failure ignored;
	const AVStream *st;
	int rc;

	if (input_open(&in, job->request->source, &job->request->policy.limits, &ignored) != MEDIA_OK)
		return AVERROR_INVALIDDATA;
	st = in.format->streams[job->info.video_stream];
	rc = muxer_open(&r->mux, job->request->output_folder, r->info.file, st->codecpar, job->fps, job->audio,
	    job->expected_ticks, job->request->policy.gop_s);
	if (rc >= 0) {
		r->info.copied = true;
		r->info.has_audio = r->mux.audio != NULL;
		playlist_codecs(st->codecpar, r->info.has_audio, r->info.codecs, sizeof(r->info.codecs));
		rc = copy_packets(job, r, &in, st);
	}
	if (rc < 0) {
		muxer_close(&r->mux);
		r->info.copied = false;
	}
	return rc;
}
