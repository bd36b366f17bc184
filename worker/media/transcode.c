/*
 * transcode.c - the order of the work: what plays first comes first. The lowest rung is made alone in a pass of its
 * own (its video plays while the rest is made), then one decode feeds all others. A source that already is a
 * conforming top rung is copied first instead, and one decode feeds everything below it.
 */
#include <libavutil/time.h>
#include <math.h>
#include <unistd.h>

#include "worker/media/internal.h"

#define HEARTBEAT_US 500000
#define FIRST_PASS_SHARE 25

bool
job_should_stop(struct job *job)
{
	if (!atomic_load(&job->stop) && job->events->should_stop && job->events->should_stop(job->events->user))
		atomic_store(&job->stop, true);
	return atomic_load(&job->stop);
}

void
job_progress(struct job *job, int64_t ticks)
{
	int64_t now = av_gettime_relative();
	double part = job->expected_ticks > 0 ? (double)ticks / (double)job->expected_ticks : 0;
	int percent = job->percent_base + (int)(fmin(part, 1) * job->percent_share);

	if (now - job->heartbeat_us < HEARTBEAT_US)
		return;
	job->heartbeat_us = now;
	job->percent = FFMAX(job->percent, FFMIN(percent, 99));
	if (job->events->progress)
		job->events->progress(job->events->user, job->percent);
}

void
job_warn(struct job *job, enum media_warning_code code)
{
	if (job->events->warning)
		job->events->warning(job->events->user, code, warning_word(code), warning_message(code));
}

/* For files that do not say how long they are: the last packet's time, without decoding. */
static int64_t
measure_duration(struct job *job, struct input *in)
{
	const AVStream *st = in->format->streams[job->info.video_stream];
	AUTO(packet) AVPacket *packet = av_packet_alloc();
	int64_t last = 0;

	while (packet && av_read_frame(in->format, packet) >= 0 && !job_should_stop(job)) {
		int64_t end = packet->pts == AV_NOPTS_VALUE ? 0 : packet->pts + packet->duration;

		if (packet->stream_index == st->index && end > 0)
			last = FFMAX(last, av_rescale_q(end, st->time_base, AV_TIME_BASE_Q) - job->origin_us);
		av_packet_unref(packet);
		job_progress(job, 0);
	}
	return last;
}

static int
job_probe(struct job *job)
{
	const struct media_limits *limits = &job->request->policy.limits;
	__attribute__((cleanup(cleanup_input))) struct input in = { .stop = &job->stop };
	int64_t duration_us;
	int rc = input_open(&in, job->request->source, limits, job->failure);

	if (rc == MEDIA_OK)
		rc = probe_info(&in, limits, &job->info, job->failure);
	if (rc != MEDIA_OK)
		return rc;
	job->origin_us = probe_origin_us(&in, &job->info);
	duration_us = job->info.duration_us > 0 ? job->info.duration_us : measure_duration(job, &in);
	job->expected_ticks = US_TO_TICKS(duration_us);
	if (!job->request->edit)
		return MEDIA_OK;
	job->expected_ticks = edit_length(job->request->edit, job->expected_ticks);
	return edit_apply(job->request->edit, &job->info, job->failure);
}

/* The preset's threads are for the top rung alone: the others run beside it. */
static void
plan_rungs(struct job *job)
{
	const struct media_policy *policy = &job->request->policy;
	struct media_rung planned[MEDIA_MAX_RUNGS];

	job->fps = job->info.fps > 61 ? 60 : job->info.fps;
	job->rung_count = media_plan(&job->info, policy, planned, NULL);
	for (int i = 0; i < job->rung_count; i++) {
		struct rung *r = &job->rungs[i];
		int narrow = FFMIN(planned[i].width, planned[i].height);
		const struct media_rung_policy *step = NULL;

		for (int k = 0; k < MEDIA_MAX_RUNGS && policy->rungs[k].short_side; k++)
			if (!step || policy->rungs[k].short_side >= narrow)
				step = &policy->rungs[k];
		*r = (struct rung){ .info = planned[i], .request = job->request, .audio = job->audio };
		r->mux.fd = -1;
		r->expected_ticks = job->expected_ticks;
		r->settings = (struct encode_settings){ .preset = policy->preset, .crf = policy->crf, .fps = job->fps };
		r->settings.threads = i == 0 && policy->threads > 2 ? policy->threads - 1 : 1;
		if (step) {
			r->settings.maxrate_bps = job->fps > 32 ? step->maxrate_bps * 3 / 2 : step->maxrate_bps;
			r->settings.bufsize_bits = job->fps > 32 ? step->bufsize_bits * 3 / 2 : step->bufsize_bits;
		}
	}
}

static int
write_master(struct job *job)
{
	struct media_rung infos[MEDIA_MAX_RUNGS];
	bool ready[MEDIA_MAX_RUNGS];

	for (int i = 0; i < job->rung_count; i++) {
		infos[i] = job->rungs[i].info;
		ready[i] = job->rungs[i].ready;
	}
	return playlist_write_master(job->request->output_folder, infos, ready, job->rung_count);
}

static bool
is_of_storage(int error)
{
	static const int errors[] = { ENOSPC, EDQUOT, EFBIG, EIO, EACCES, EPERM, EROFS, ENOENT, ENOTDIR, EMFILE, ENFILE };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (error == AVERROR(errors[i]))
			return true;
	return false;
}

static void
rung_failed(struct job *job, struct rung *r)
{
	struct media_failure failure = { 0 };

	if (is_of_storage(r->error))
		media_fail_output(&failure, r->error, r->error_where);
	else
		media_fail(&failure, MEDIA_ENCODER, r->error, r->error_where ? r->error_where : "rung");
	*job->failure = failure;
	if (job->events->rung_failed)
		job->events->rung_failed(job->events->user, &r->info, &failure);
}

/* A rung's file is whole: describe it, list it, announce it. */
static void
rung_publish(struct job *job, struct rung *r)
{
	const struct muxer *m = &r->mux;
	double segment_s = job->request->policy.segment_s;

	if (!r->error) {
		r->info.size_bytes = m->position;
		r->info.duration_us = TICKS_TO_US(FFMAX(m->end, m->audio_end) - m->start);
		r->info.fps = job->fps > 0 ? job->fps : FFMIN(60, job->decoded_frames * (double)TICKS / (double)FFMAX(1, m->end));
		playlist_bandwidth(m->fragments, m->fragment_count, segment_s, &r->info);
		r->ready = true;
		r->error = playlist_write_rung(job->request->output_folder, &r->info, m, segment_s);
		if (r->error >= 0)
			r->error = write_master(job);
		r->error_where = "playlist";
	}
	r->ready = r->error == 0;
	muxer_close(&r->mux);
	if (!r->ready)
		rung_failed(job, r);
	else if (job->events->rung_ready)
		job->events->rung_ready(job->events->user, &r->info);
}

/* Said before anything is announced: a stump of a video is a failure, not a short video. */
static int
check_decoded(struct job *job)
{
	int64_t declared = job->declared_ticks ? job->declared_ticks : US_TO_TICKS(job->info.duration_us);
	int64_t there = job->decoded_ticks;

	if (job->decoded_frames == 0)
		return media_fail(job->failure, job->request->edit ? MEDIA_EDIT_EMPTY : MEDIA_NO_VIDEO_FRAMES, 0, "nothing decoded");
	/* Without a length of its own the video may rightly be shorter than the sound. */
	if (!job->declared_ticks && job->audio)
		there = FFMAX(there, audio_wait_end_ticks(job->audio));
	if (declared > TICKS && there < declared / 4)
		return media_fail(job->failure, MEDIA_TRUNCATED, 0, "decoded much less than declared");
	if (there < declared - FFMAX(TICKS / 2, declared / 20))
		job->truncated = true;
	return MEDIA_OK;
}

static void
finish_stills(struct job *job)
{
	struct media_stills out = { 0 };
	static const char *const thumbs[3] = { "thumb-1.jpg", "thumb-2.jpg", "thumb-3.jpg" };
	bool board;

	if (stills_end(&job->stills) < 0)
		job->stills.error = 1;
	board = storyboard_end(&job->storyboard, job->decoded_ticks) >= 0;
	job->stills_wanted = false;
	for (int i = 0; i < 3; i++)
		out.thumbnails[i] = job->stills.thumbs[i] ? thumbs[i] : NULL;
	out.poster = job->stills.poster ? "poster.jpg" : NULL;
	out.storyboard = board ? "storyboard.jpg" : NULL;
	out.storyboard_vtt = board ? "storyboard.vtt" : NULL;
	if (job->events->stills_ready)
		job->events->stills_ready(job->events->user, &out);
	if (job->stills.error || !out.poster || !board)
		job_warn(job, MEDIA_WARN_STILLS_FAILED);
}

static void
rung_discard(struct job *job, struct rung *r)
{
	char path[4096];

	muxer_close(&r->mux);
	snprintf(path, sizeof(path), "%s/%s", job->request->output_folder, r->info.file);
	unlink(path);
}

/* One decode for these rungs, then each that is whole is announced, the smallest first. */
static int
make_rungs(struct job *job, struct rung **rungs, int count, int percent_share)
{
	int rc;

	job->percent_share = percent_share;
	rc = pass_run(job, rungs, count);
	if (rc == MEDIA_OK && job->stills_wanted) {
		rc = check_decoded(job);
		if (rc == MEDIA_OK)
			finish_stills(job);
	}
	for (int i = count - 1; i >= 0; i--) {
		if (rc == MEDIA_OK)
			rung_publish(job, rungs[i]);
		else
			rung_discard(job, rungs[i]);
	}
	job->percent_base += percent_share;
	return rc;
}

/* The bits of the original are only seen when it is decoded for the other rungs: damage is mended then. */
static int
replace_copy(struct job *job)
{
	struct rung *top = &job->rungs[0];
	char old[sizeof(top->info.file) + 2], path[4096];
	int rc;

	snprintf(old, sizeof(old), "%s", top->info.file);
	snprintf(top->info.file, sizeof(top->info.file), "%s-2.mp4", top->info.name);
	top->info.copied = false;
	job_warn(job, MEDIA_WARN_COPY_REPLACED);
	rc = make_rungs(job, &top, 1, 0);
	if (rc == MEDIA_OK && top->ready) {
		snprintf(path, sizeof(path), "%s/%s", job->request->output_folder, old);
		unlink(path);
	}
	return rc;
}

static int
make_below_copy(struct job *job, struct rung **order, int count)
{
	int rc = make_rungs(job, order + 1, count - 1, 100);

	if (rc == MEDIA_OK && job->errors)
		rc = replace_copy(job);
	return rc;
}

static int
make_all(struct job *job)
{
	struct rung *order[MEDIA_MAX_RUNGS];
	int count = job->rung_count, rc;

	for (int i = 0; i < count; i++)
		order[i] = &job->rungs[i];
	if (job->request->policy.copy_allowed && !job->request->edit && copy_is_possible(job)) {
		if (copy_run(job, order[0]) >= 0) {
			rung_publish(job, order[0]);
			return make_below_copy(job, order, count);
		}
		av_freep(&job->keyframes);
	}
	rc = make_rungs(job, &order[count - 1], 1, count > 1 ? FIRST_PASS_SHARE : 100);
	if (rc == MEDIA_OK && count > 1)
		rc = make_rungs(job, order, count - 1, 100 - FIRST_PASS_SHARE);
	return rc;
}

static int
any_ready(struct job *job, struct media_summary *summary)
{
	struct media_summary sum = { .duration_us = TICKS_TO_US(job->decoded_ticks), .fps = job->fps };

	for (int i = job->rung_count - 1; i >= 0; i--) {
		const struct rung *r = &job->rungs[i];

		if (!r->ready) {
			sum.rungs_failed++;
			continue;
		}
		sum.rungs_ready++;
		sum.size_bytes += r->info.size_bytes;
		sum.duration_us = FFMAX(sum.duration_us, r->info.duration_us);
		sum.fps = r->info.fps;
		sum.width = r->info.width;
		sum.height = r->info.height;
	}
	if (summary)
		*summary = sum;
	return sum.rungs_ready;
}

static void
warn_all(struct job *job)
{
	if (job->errors)
		job_warn(job, MEDIA_WARN_DECODE_ERRORS);
	if (job->truncated)
		job_warn(job, MEDIA_WARN_TRUNCATED);
	if (!job->audio)
		return;
	if (!audio_wait_parameters(job->audio))
		job_warn(job, MEDIA_WARN_AUDIO_UNUSABLE);
	else if (audio_is_broken(job->audio))
		job_warn(job, MEDIA_WARN_AUDIO_BROKEN);
}

static int
job_run(struct job *job, struct media_summary *summary)
{
	const struct media_rung *smallest;
	int rc;

	if (job->info.audio_stream >= 0)
		job->audio = audio_start(job->request, &job->info, job->origin_us, &job->stop);
	plan_rungs(job);
	smallest = &job->rungs[job->rung_count - 1].info;
	stills_init(&job->stills, &job->info, job->request->output_folder, job->expected_ticks);
	storyboard_init(&job->storyboard, job->request->output_folder, smallest->width, smallest->height, job->expected_ticks);
	job->stills_wanted = true;
	rc = make_all(job);
	if (any_ready(job, summary) && rc != MEDIA_CANCELLED)
		rc = MEDIA_OK;
	else if (rc == MEDIA_OK)
		rc = job->failure->code;
	if (rc == MEDIA_OK) {
		warn_all(job);
		*job->failure = (struct media_failure){ 0 };
	}
	return rc;
}

int
media_transcode(const struct media_request *request, const struct media_events *events, struct media_summary *summary,
    struct media_failure *failure)
{
	struct job job = { .request = request, .events = events, .failure = failure };
	int rc;

	media_log_start();
	*failure = (struct media_failure){ 0 };
	rc = job_probe(&job);
	if (rc == MEDIA_OK) {
		if (events->probed)
			events->probed(events->user, &job.info);
		rc = job_run(&job, summary);
	}
	atomic_store(&job.stop, true);
	audio_finish(job.audio);
	stills_close(&job.stills);
	storyboard_close(&job.storyboard);
	av_free(job.keyframes);
	if (rc == MEDIA_OK && events->progress)
		events->progress(events->user, 100);
	return rc;
}
