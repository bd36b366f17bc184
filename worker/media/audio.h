/* audio.h - between audio.c (makes sound) and spool.c (keeps it for the rungs); nobody else needs it. */
#ifndef ATELIER_WORKER_MEDIA_AUDIO_H
#define ATELIER_WORKER_MEDIA_AUDIO_H

#include "worker/media/internal.h"

struct spooled {
	int64_t offset, pts;
	int size, duration;
};

struct audio {
	const struct media_request *request;
	int stream_index;
	int64_t origin_us, longest_us;
	int64_t until_us; /* what comes later is not wanted; 0 = all is */
	const atomic_bool *stop;
	pthread_t thread;
	bool started;

	/* the thread's own */
	struct input in;
	AVStream *stream;
	AVCodecContext *decoder, *encoder;
	AVFilterGraph *graph;
	AVFilterContext *source, *sink;
	AVFrame *frame, *filtered;
	AVPacket *packet, *input;
	int rate, sample_format, channels;
	int64_t samples, last_us, jump_us;
	unsigned errors, frames;

	/* the spool, under the lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	AVCodecParameters *parameters;
	int fd;
	struct spooled *index;
	unsigned count, capacity;
	int64_t bytes;
	bool ended;
	int error;
};

void *audio_main(void *arg);
int spool_set_parameters(struct audio *a);
int spool_append(struct audio *a, const AVPacket *packet);
void spool_end(struct audio *a, int error);

#endif
