/*
 * pass.c - one decode of the source, feeding any number of rungs, the stills and the storyboard. The calling thread
 * decodes; each rung is a thread. Key pictures are chosen here, once for all rungs.
 */
#include <libavutil/time.h>
#include <math.h>
#include <unistd.h>

#include "worker/media/internal.h"

#define HOLE_TICKS TICKS         /* a picture that stands longer is repeated, so that groups and segments stay short */
#define LONGEST_STAND (60 * TICKS)
#define REPEAT_TICKS (TICKS / 2)
#define FASTEST_FPS 60
#define CAP_FROM_FPS 61.0 /* 60.06 is 60 with a crooked clock */

struct pass {
	struct job *job;
	struct rung **rungs;
	int count;
	struct source source;
	struct normaliser normaliser;
	AVFrame *last; /* as it went out */
	int64_t next_key;
	int keyframe;
	double next_wanted;
	bool top_gone;
};

static void
mark_key(struct pass *p, AVFrame *frame)
{
	const struct job *job = p->job;
	int64_t gop = llround(job->request->policy.gop_s * TICKS);

	frame->pict_type = AV_PICTURE_TYPE_NONE;
	if (job->keyframes) {
		if (p->keyframe >= job->keyframe_count || frame->pts < job->keyframes[p->keyframe] - 1)
			return;
		while (p->keyframe < job->keyframe_count && job->keyframes[p->keyframe] - 1 <= frame->pts)
			p->keyframe++;
	} else {
		if (frame->pts < p->next_key)
			return;
		/* A millisecond of grace: 29.97 pictures a second are not always exactly where they should be. */
		p->next_key = ((frame->pts + TICKS / 1000) / gop + 1) * gop - TICKS / 1000;
	}
	frame->pict_type = AV_PICTURE_TYPE_I;
}

static int
send_to_rungs(struct pass *p, AVFrame *frame)
{
	int rc;

	mark_key(p, frame);
	if (p->count == 0 || p->top_gone) {
		av_frame_unref(frame);
		return 0;
	}
	do {
		job_progress(p->job, frame->pts);
		if (job_should_stop(p->job))
			return AVERROR_EXIT;
		rc = queue_push(&p->rungs[0]->queue, frame, 300);
	} while (rc == AVERROR(EAGAIN));
	if (rc < 0) {
		p->top_gone = true;
		av_frame_unref(frame);
	}
	return 0;
}

/* Repeats the last picture up to (not at) the given time. */
static int
fill(struct pass *p, int64_t until)
{
	AUTO(frame) AVFrame *copy = av_frame_alloc();
	int rc = copy ? 0 : AVERROR(ENOMEM);

	if (!p->last->buf[0] || until - p->last->pts <= HOLE_TICKS)
		return rc;
	while (rc >= 0 && until - p->last->pts > REPEAT_TICKS) {
		p->last->pts += REPEAT_TICKS;
		rc = av_frame_ref(copy, p->last);
		if (rc >= 0)
			rc = send_to_rungs(p, copy);
	}
	return rc;
}

static bool
is_wanted(struct pass *p, const AVFrame *frame)
{
	double step = (double)TICKS / FASTEST_FPS;

	if (p->job->info.fps <= CAP_FROM_FPS)
		return true;
	if ((double)frame->pts < p->next_wanted - step / 4)
		return false;
	p->next_wanted = fmax(p->next_wanted + step, (double)frame->pts + step / 2);
	return true;
}

static int
emit(struct pass *p, AVFrame *frame)
{
	struct job *job = p->job;
	int rc;

	if (job->stills_wanted && storyboard_frame(&job->storyboard, frame) < 0)
		job->storyboard.error = 1;
	rc = fill(p, frame->pts);
	if (rc < 0)
		return rc;
	av_frame_unref(p->last);
	rc = av_frame_ref(p->last, frame);
	return rc < 0 ? rc : send_to_rungs(p, frame);
}

static int
normalise(struct pass *p, AVFrame *frame)
{
	int rc = normaliser_push(&p->normaliser, frame);

	if (!frame && p->normaliser.pass_through)
		return 0;
	while (rc >= 0) {
		AUTO(frame) AVFrame *own = frame ? NULL : av_frame_alloc();
		AVFrame *out = frame ? frame : own;

		rc = out ? normaliser_pull(&p->normaliser, out) : AVERROR(ENOMEM);
		if (rc >= 0)
			rc = emit(p, out);
	}
	return rc == AVERROR(EAGAIN) || rc == AVERROR_EOF ? 0 : rc;
}

static int
take(struct pass *p, AVFrame *frame)
{
	struct job *job = p->job;
	int64_t longest = job->request->policy.limits.max_duration_us;
	int64_t stands = FFMIN(p->source.stands_ticks, LONGEST_STAND);

	if (frame->pts > US_TO_TICKS(longest > 0 ? longest : 12 * 3600 * INT64_C(1000000)))
		return AVERROR(ERANGE);
	if (job->request->edit) {
		int rc = edit_span(job, frame, &stands);

		if (rc != 0)
			return job_should_stop(job) ? AVERROR_EXIT : rc > 0 ? 0 : rc;
	}
	if (!is_wanted(p, frame)) {
		av_frame_unref(frame);
		return 0;
	}
	if (job->stills_wanted && stills_frame(&job->stills, frame) < 0)
		job->stills.error = 1;
	job->decoded_frames++;
	job->decoded_ticks = frame->pts + stands;
	job_progress(job, frame->pts);
	return job_should_stop(job) ? AVERROR_EXIT : normalise(p, frame);
}

static int
wait_for_audio(struct pass *p)
{
	unsigned before = 0, now = 0;

	while (p->job->audio && !audio_has_ended(p->job->audio, &now)) {
		if (now != before)
			job_progress(p->job, p->job->decoded_ticks);
		before = now;
		if (job_should_stop(p->job))
			return AVERROR_EXIT;
		usleep(10000);
	}
	return 0;
}

/* The last picture stands as long as it says, and as long as there is sound. */
static int
finish(struct pass *p)
{
	int64_t end = p->job->decoded_ticks;
	int rc = wait_for_audio(p);

	if (rc < 0)
		return rc;
	if (p->job->audio && audio_wait_end_ticks(p->job->audio) > end + HOLE_TICKS)
		end = audio_wait_end_ticks(p->job->audio);
	rc = fill(p, end);
	for (int i = 0; i < p->count; i++)
		p->rungs[i]->end_ticks = end;
	return rc;
}

static int
run(struct pass *p)
{
	AUTO(frame) AVFrame *frame = av_frame_alloc();
	int rc = frame ? 0 : AVERROR(ENOMEM);

	p->job->decoded_frames = 0;
	p->job->decoded_ticks = 0;
	while (rc >= 0) {
		rc = source_read(&p->source, frame);
		if (rc >= 0)
			rc = take(p, frame);
	}
	if (rc != AVERROR_EOF)
		return rc;
	rc = normalise(p, NULL);
	return rc < 0 || !p->job->decoded_frames ? rc : finish(p);
}

static int
start_rungs(struct pass *p)
{
	for (int i = p->count - 1; i >= 0; i--) {
		struct rung *r = p->rungs[i];
		int rc;

		r->child = i + 1 < p->count ? p->rungs[i + 1] : NULL;
		r->frame_ticks = p->source.frame_ticks;
		rc = rung_start(r);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static unsigned
pictures_encoded(const struct pass *p)
{
	unsigned total = 0;

	for (int i = 0; i < p->count; i++)
		total += atomic_load(&p->rungs[i]->encoded);
	return total;
}

/* The encoders finish what they have; their pictures are the heartbeat meanwhile. */
static void
wait_for_rungs(struct pass *p, bool abort)
{
	unsigned before = 0;

	for (int i = 0; i < p->count; i++) {
		struct rung *r = p->rungs[i];

		if (r->started && i == 0 && !abort)
			queue_end(&r->queue);
		while (r->started && !atomic_load(&r->done)) {
			unsigned now = pictures_encoded(p);

			if (abort || job_should_stop(p->job))
				for (int k = 0; k < p->count; k++)
					if (p->rungs[k]->started)
						queue_abort(&p->rungs[k]->queue);
			if (now != before)
				job_progress(p->job, p->job->decoded_ticks);
			before = now;
			usleep(10000);
		}
	}
	for (int i = 0; i < p->count; i++)
		rung_join(p->rungs[i]);
}

static int
failure_of(struct job *job, int rc)
{
	if (job_should_stop(job))
		return media_fail(job->failure, MEDIA_CANCELLED, 0, "pass");
	if (rc == AVERROR(ERANGE))
		return media_fail(job->failure, MEDIA_TOO_LONG, 0, "picture beyond the limit");
	return media_fail(job->failure, MEDIA_ENCODER, rc, "pass");
}

int
pass_run(struct job *job, struct rung **rungs, int count)
{
	const struct media_rung *size = count ? &rungs[0]->info : &job->rungs[job->rung_count - 1].info;
	struct pass p = { .job = job, .rungs = rungs, .count = count };
	unsigned errors_before = media_log_video_decoder_errors();
	int rc;

	p.last = av_frame_alloc();
	rc = p.last ? source_open(&p.source, job->request->source, &job->request->policy, &job->info, job->origin_us, &job->stop,
	                  job->failure)
	            : media_fail(job->failure, MEDIA_ENCODER, AVERROR(ENOMEM), "pass");
	if (rc == MEDIA_OK) {
		normaliser_init(&p.normaliser, &job->info, size->width, size->height);
		rc = start_rungs(&p);
		if (rc >= 0)
			rc = run(&p);
		wait_for_rungs(&p, rc < 0);
		if (rc < 0)
			rc = failure_of(job, rc);
		job->errors = FFMAX(job->errors, p.source.errors + media_log_video_decoder_errors() - errors_before);
		job->declared_ticks = p.source.stream->duration > 0
		                          ? av_rescale_q(p.source.stream->duration, p.source.stream->time_base, (AVRational){ 1, TICKS })
		                          : 0;
		if (job->request->edit)
			job->declared_ticks = edit_length(job->request->edit, job->declared_ticks);
	}
	normaliser_close(&p.normaliser);
	av_frame_free(&p.last);
	source_close(&p.source);
	return rc;
}
