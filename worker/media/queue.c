/* queue.c - a bounded queue of pictures between two threads: it is what bounds memory. */
#include <time.h>

#include "worker/media/internal.h"

void
queue_init(struct frame_queue *q)
{
	pthread_condattr_t clock;

	*q = (struct frame_queue){ 0 };
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&q->changed, &clock);
	pthread_condattr_destroy(&clock);
}

int
queue_push(struct frame_queue *q, AVFrame *frame, int wait_ms)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += wait_ms % 1000 * 1000000L;
	until.tv_sec += wait_ms / 1000 + until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&q->lock);
	while (q->count == QUEUE_FRAMES && !q->aborted && rc == 0)
		rc = pthread_cond_timedwait(&q->changed, &q->lock, &until);
	if (q->aborted) {
		rc = AVERROR_EXIT;
	} else if (q->count == QUEUE_FRAMES) {
		rc = AVERROR(EAGAIN);
	} else {
		AVFrame *slot = av_frame_alloc();

		rc = slot ? 0 : AVERROR(ENOMEM);
		if (slot) {
			av_frame_move_ref(slot, frame);
			q->frames[(q->head + q->count++) % QUEUE_FRAMES] = slot;
		}
		pthread_cond_broadcast(&q->changed);
	}
	pthread_mutex_unlock(&q->lock);
	return rc;
}

int
queue_pop(struct frame_queue *q, AVFrame *frame)
{
	int rc = 0;

	pthread_mutex_lock(&q->lock);
	while (q->count == 0 && !q->ended && !q->aborted)
		pthread_cond_wait(&q->changed, &q->lock);
	if (q->aborted) {
		rc = AVERROR_EXIT;
	} else if (q->count == 0) {
		rc = AVERROR_EOF;
	} else {
		av_frame_move_ref(frame, q->frames[q->head]);
		av_frame_free(&q->frames[q->head]);
		q->head = (q->head + 1) % QUEUE_FRAMES;
		q->count--;
		pthread_cond_broadcast(&q->changed);
	}
	pthread_mutex_unlock(&q->lock);
	return rc;
}

static void
queue_mark(struct frame_queue *q, bool *mark)
{
	pthread_mutex_lock(&q->lock);
	*mark = true;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

void
queue_end(struct frame_queue *q)
{
	queue_mark(q, &q->ended);
}

void
queue_abort(struct frame_queue *q)
{
	queue_mark(q, &q->aborted);
}

void
queue_close(struct frame_queue *q)
{
	for (unsigned i = 0; i < q->count; i++)
		av_frame_free(&q->frames[(q->head + i) % QUEUE_FRAMES]);
	q->count = 0;
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
}
