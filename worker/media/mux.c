/*
 * mux.c - a rendition as one CMAF file: head, index, then a fragment for each group of pictures with its sound.
 * The same file is the byte-range stream and the download. It grows as ".NAME.part" and gets its name when whole.
 */
#include <fcntl.h>
#include <unistd.h>

#include "worker/media/internal.h"

#define IO_BUFFER 65536
#define HEAD_CAPACITY 16384

static int
write_at(int fd, const uint8_t *bytes, int64_t size, int64_t at)
{
	while (size > 0) {
		ssize_t n = pwrite(fd, bytes, (size_t)size, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? AVERROR(errno) : AVERROR(EIO);
		bytes += n;
		size -= n;
		at += n;
	}
	return 0;
}

static int
on_write(void *opaque, uint8_t *bytes, int size)
{
	struct muxer *m = opaque;

	if (m->error)
		return m->error;
	if (m->in_head) {
		if (m->init_size + size > m->init_capacity)
			return m->error = AVERROR_BUFFER_TOO_SMALL;
		memcpy(m->init + m->init_size, bytes, (size_t)size);
		m->init_size += size;
		return size;
	}
	m->error = write_at(m->fd, bytes, size, m->position);
	if (m->error)
		return m->error;
	m->position += size;
	return size;
}

static AVStream *
add_stream(struct muxer *m, const AVCodecParameters *par, int rate)
{
	AVStream *st = avformat_new_stream(m->format, NULL);

	if (!st || avcodec_parameters_copy(st->codecpar, par) < 0)
		return NULL;
	st->codecpar->codec_tag = 0;
	st->time_base = (AVRational){ 1, rate };
	return st;
}

static int
open_streams(struct muxer *m, const AVCodecParameters *video, double fps)
{
	const AVCodecParameters *sound = m->audio ? audio_wait_parameters(m->audio) : NULL;
	AVStream *st = add_stream(m, video, TICKS);

	if (!st)
		return AVERROR(ENOMEM);
	if (fps > 0)
		st->avg_frame_rate = av_d2q(fps, 1001000);
	st->sample_aspect_ratio = st->codecpar->sample_aspect_ratio = (AVRational){ 1, 1 };
	if (!sound)
		m->audio = NULL;
	return !sound || add_stream(m, sound, AUDIO_RATE) ? 0 : AVERROR(ENOMEM);
}

/* The head is written at once, with room for an index that is known only at the end. */
static int
write_head(struct muxer *m, int64_t expected_ticks, double gop_s)
{
	AUTO(dict) AVDictionary *options = NULL;
	uint8_t *room;
	int rc;

	m->init_capacity = HEAD_CAPACITY;
	m->init = av_malloc(HEAD_CAPACITY);
	if (!m->init)
		return AVERROR(ENOMEM);
	m->in_head = true;
	av_dict_set(&options, "movflags", "frag_custom+empty_moov+default_base_moof+skip_trailer", 0);
	av_dict_set_int(&options, "video_track_timescale", TICKS, 0);
	av_dict_set(&options, "use_editlist", "0", 0);
	rc = avformat_write_header(m->format, &options);
	avio_flush(m->io);
	m->in_head = false;
	if (rc >= 0)
		rc = boxes_set_brands(m->init, &m->init_size, m->init_capacity);
	if (rc >= 0)
		rc = boxes_add_edit_list(m->init, &m->init_size, m->init_capacity, &m->media_time_at);
	if (rc >= 0)
		rc = boxes_add_movie_duration(m->init, &m->init_size, m->init_capacity, &m->movie_duration_at, &m->movie_timescale);
	if (rc < 0)
		return rc;
	m->head_size = m->index_at = m->init_size;
	m->index_size = 64 + 12 * (32 + (int64_t)(expected_ticks / (gop_s * TICKS) * 1.5));
	room = av_mallocz((size_t)m->index_size);
	if (!room)
		return AVERROR(ENOMEM);
	boxes_free_space(room, (size_t)m->index_size);
	rc = write_at(m->fd, m->init, m->init_size, 0);
	if (rc == 0)
		rc = write_at(m->fd, room, m->index_size, m->index_at);
	m->position = m->index_at + m->index_size;
	av_free(room);
	return rc;
}

int
muxer_open(struct muxer *m, const char *folder, const char *file, const AVCodecParameters *video, double fps,
    struct audio *audio, int64_t expected_ticks, double gop_s)
{
	uint8_t *buffer;
	int rc;

	*m = (struct muxer){ .fd = -1, .audio = audio };
	snprintf(m->path, sizeof(m->path), "%s/.%s.part", folder, file);
	m->fd = open(m->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (m->fd < 0)
		return AVERROR(errno);
	rc = avformat_alloc_output_context2(&m->format, NULL, "mp4", NULL);
	if (rc < 0)
		return rc;
	buffer = av_malloc(IO_BUFFER);
	m->io = buffer ? avio_alloc_context(buffer, IO_BUFFER, 1, m, NULL, on_write, NULL) : NULL;
	m->held = av_packet_alloc();
	if (!m->io || !m->held) {
		if (!m->io)
			av_free(buffer);
		return AVERROR(ENOMEM);
	}
	m->format->pb = m->io;
	m->format->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
	m->format->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
	rc = open_streams(m, video, fps);
	return rc < 0 ? rc : write_head(m, expected_ticks, gop_s);
}

/* Sound that is heard before `ticks`. */
static int
write_audio(struct muxer *m, int64_t ticks)
{
	AUTO(packet) AVPacket *packet = av_packet_alloc();
	int rc = 0;

	if (!packet)
		return AVERROR(ENOMEM);
	while (m->audio && (ticks == INT64_MAX || m->audio_end < ticks)) {
		rc = audio_read(m->audio, m->audio_index, packet);
		if (rc == AVERROR_EOF)
			return 0;
		if (rc < 0)
			return rc;
		m->audio_index++;
		m->audio_end = av_rescale(packet->pts + packet->duration, TICKS, AUDIO_RATE);
		packet->stream_index = 1;
		rc = av_write_frame(m->format, packet);
		av_packet_unref(packet);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int
note_fragment(struct muxer *m, int64_t next_start, int64_t offset)
{
	struct fragment *f;

	if (m->fragment_count == m->fragment_capacity) {
		int capacity = m->fragment_capacity ? 2 * m->fragment_capacity : 64;

		f = av_realloc_array(m->fragments, (size_t)capacity, sizeof(*f));
		if (!f)
			return AVERROR(ENOMEM);
		m->fragments = f;
		m->fragment_capacity = capacity;
	}
	f = &m->fragments[m->fragment_count++];
	*f = (struct fragment){ m->fragment_first, next_start - m->fragment_first, offset, m->position - offset };
	m->fragment_first = next_start;
	return 0;
}

static int
flush_fragment(struct muxer *m, int64_t next_start, bool last)
{
	int64_t offset = m->position;
	int rc = write_audio(m, last ? INT64_MAX : next_start);

	if (rc >= 0)
		rc = av_write_frame(m->format, NULL);
	avio_flush(m->io);
	if (m->error)
		return m->error;
	return rc < 0 ? rc : note_fragment(m, next_start, offset);
}

static int
write_held(struct muxer *m, int64_t duration)
{
	int rc;

	m->held->duration = duration > 0 ? duration : 1;
	m->held->stream_index = 0;
	rc = av_write_frame(m->format, m->held);
	av_packet_unref(m->held);
	return m->error ? m->error : rc;
}

int
muxer_video(struct muxer *m, AVPacket *packet, int64_t frame_ticks, bool is_cut)
{
	int rc = 0;

	if (m->held->data) {
		rc = write_held(m, packet->dts - m->held->dts);
		if (rc >= 0 && is_cut)
			rc = flush_fragment(m, packet->pts, false);
	} else {
		m->start = m->fragment_first = packet->pts;
		m->delay = packet->pts - packet->dts;
	}
	m->end = FFMAX(m->end, packet->pts + frame_ticks);
	av_packet_move_ref(m->held, packet);
	return rc < 0 ? rc : 0;
}

static int
write_index(struct muxer *m)
{
	uint8_t *room = av_mallocz((size_t)m->index_size);
	uint8_t number[8];
	int64_t end = FFMAX(m->end, m->audio_end);
	int size, rc;

	if (!room)
		return AVERROR(ENOMEM);
	size = boxes_index(room, (size_t)m->index_size - 8, m->fragments, m->fragment_count, 1, 0);
	if (size) {
		boxes_put64(room + 28, (uint64_t)(m->index_size - size));
		boxes_free_space(room + size, (size_t)(m->index_size - size));
	} else {
		boxes_free_space(room, (size_t)m->index_size);
	}
	rc = write_at(m->fd, room, m->index_size, m->index_at);
	av_free(room);
	boxes_put64(number, (uint64_t)av_rescale(end - m->start, m->movie_timescale, TICKS));
	if (rc == 0)
		rc = write_at(m->fd, number, 8, m->movie_duration_at);
	boxes_put32(number, (uint32_t)m->delay);
	return rc ? rc : write_at(m->fd, number, 4, m->media_time_at);
}

/* Whole and durable, then named: a file with its name is never half a film. */
int
muxer_finish(struct muxer *m)
{
	char final[sizeof(m->path)];
	char *name;
	int rc;

	if (!m->held || !m->held->data)
		return AVERROR_INVALIDDATA;
	rc = write_held(m, m->end - m->held->pts > 0 ? m->end - m->held->pts : 1);
	if (rc >= 0)
		rc = flush_fragment(m, m->end, true);
	if (rc >= 0)
		rc = av_write_trailer(m->format);
	if (rc >= 0)
		rc = write_index(m);
	if (rc >= 0 && fdatasync(m->fd) != 0)
		rc = AVERROR(errno);
	if (rc < 0)
		return rc;
	snprintf(final, sizeof(final), "%s", m->path);
	name = strrchr(final, '/') + 1;
	memmove(name, name + 1, strlen(name));
	final[strlen(final) - strlen(".part")] = '\0';
	if (rename(m->path, final) != 0)
		return AVERROR(errno);
	m->path[0] = '\0';
	return 0;
}

void
muxer_close(struct muxer *m)
{
	if (m->format)
		avformat_free_context(m->format);
	m->format = NULL;
	if (m->io)
		av_freep(&m->io->buffer);
	avio_context_free(&m->io);
	av_packet_free(&m->held);
	av_freep(&m->init);
	av_freep(&m->fragments);
	m->fragment_count = m->fragment_capacity = 0;
	if (m->fd > 0)
		close(m->fd);
	m->fd = -1;
	if (m->path[0])
		unlink(m->path);
	m->path[0] = '\0';
}
