/* spool.c - encoded sound between the one who makes it and the rungs who each read all of it, on disk, by number. */
#include <fcntl.h>
#include <unistd.h>

#include "worker/media/audio.h"

static int
spool_open(const char *folder)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/.audio.part", folder);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	/* Nameless from the start: whatever ends this process, nothing stays. */
	if (fd >= 0)
		unlink(path);
	return fd;
}

struct audio *
audio_start(const struct media_request *request, const struct media_info *info, int64_t origin_us, const atomic_bool *stop)
{
	struct audio *a = av_mallocz(sizeof(*a));
	int64_t longest = request->policy.limits.max_duration_us;

	if (!a)
		return NULL;
	a->request = request;
	a->stream_index = info->audio_stream;
	a->origin_us = origin_us;
	if (request->edit) {
		a->origin_us += request->edit->start_us;
		a->until_us = request->edit->end_us > 0 ? request->edit->end_us - request->edit->start_us : 0;
	}
	a->longest_us = longest > 0 ? longest : 12 * 3600 * INT64_C(1000000);
	a->stop = stop;
	a->in.stop = stop;
	a->last_us = AV_NOPTS_VALUE;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	a->fd = spool_open(request->output_folder);
	if (a->fd < 0)
		spool_end(a, AVERROR(errno));
	else if (pthread_create(&a->thread, NULL, audio_main, a) != 0)
		spool_end(a, AVERROR(EAGAIN));
	else
		a->started = true;
	return a;
}

int
spool_set_parameters(struct audio *a)
{
	AVCodecParameters *par = avcodec_parameters_alloc();
	int rc = par ? avcodec_parameters_from_context(par, a->encoder) : AVERROR(ENOMEM);

	if (par)
		par->initial_padding = 0;
	pthread_mutex_lock(&a->lock);
	a->parameters = par;
	pthread_mutex_unlock(&a->lock);
	return rc;
}

int
spool_append(struct audio *a, const AVPacket *packet)
{
	struct spooled *index = a->index;
	ssize_t n = pwrite(a->fd, packet->data, (size_t)packet->size, a->bytes);
	int rc = 0;

	if (n != packet->size)
		return n < 0 ? AVERROR(errno) : AVERROR(ENOSPC);
	pthread_mutex_lock(&a->lock);
	if (a->count == a->capacity) {
		unsigned capacity = a->capacity ? 2 * a->capacity : 1024;

		index = av_realloc_array(a->index, capacity, sizeof(*index));
		if (index) {
			a->index = index;
			a->capacity = capacity;
		}
	}
	if (index) {
		a->index[a->count++] = (struct spooled){ a->bytes, packet->pts, packet->size, (int)packet->duration };
		a->bytes += packet->size;
	} else {
		rc = AVERROR(ENOMEM);
	}
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
	return rc;
}

void
spool_end(struct audio *a, int error)
{
	pthread_mutex_lock(&a->lock);
	a->ended = true;
	a->error = error;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

const AVCodecParameters *
audio_wait_parameters(struct audio *a)
{
	const AVCodecParameters *par;

	pthread_mutex_lock(&a->lock);
	while (a->count == 0 && !a->ended)
		pthread_cond_wait(&a->changed, &a->lock);
	par = a->count ? a->parameters : NULL;
	pthread_mutex_unlock(&a->lock);
	return par;
}

int
audio_read(struct audio *a, unsigned number, AVPacket *packet)
{
	struct spooled where = { 0 };
	bool there;
	int rc;

	pthread_mutex_lock(&a->lock);
	while (a->count <= number && !a->ended)
		pthread_cond_wait(&a->changed, &a->lock);
	there = number < a->count;
	if (there)
		where = a->index[number];
	pthread_mutex_unlock(&a->lock);
	if (!there)
		return AVERROR_EOF;
	rc = av_new_packet(packet, where.size);
	if (rc < 0)
		return rc;
	if (pread(a->fd, packet->data, (size_t)where.size, where.offset) != where.size)
		return AVERROR(EIO);
	packet->pts = packet->dts = where.pts;
	packet->duration = where.duration > 0 ? where.duration : 1024;
	packet->flags |= AV_PKT_FLAG_KEY;
	return 0;
}

int64_t
audio_wait_end_ticks(struct audio *a)
{
	int64_t end = 0;

	pthread_mutex_lock(&a->lock);
	while (!a->ended)
		pthread_cond_wait(&a->changed, &a->lock);
	if (a->count)
		end = av_rescale(a->index[a->count - 1].pts + a->index[a->count - 1].duration, TICKS, AUDIO_RATE);
	pthread_mutex_unlock(&a->lock);
	return end;
}

/* How far the sound is, without waiting: for those who must show a sign of life meanwhile. */
bool
audio_has_ended(struct audio *a, unsigned *packets)
{
	bool ended;

	pthread_mutex_lock(&a->lock);
	ended = a->ended;
	*packets = a->count;
	pthread_mutex_unlock(&a->lock);
	return ended;
}

bool
audio_is_broken(struct audio *a)
{
	return a->error < 0 || (a->errors && a->errors * 50 >= a->frames);
}

void
audio_finish(struct audio *a)
{
	if (!a)
		return;
	if (a->started)
		pthread_join(a->thread, NULL);
	avcodec_parameters_free(&a->parameters);
	if (a->fd >= 0)
		close(a->fd);
	av_free(a->index);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	av_free(a);
}
