/*
 * rung.c - one rung's thread: takes pictures, hands them on to the next smaller rung, makes them its size, encodes and
 * muxes. A rung whose encoder or disk fails goes on handing pictures down: its children do not fail with it.
 */
#include "worker/media/internal.h"

static void
rung_fail(struct rung *r, int error, const char *where)
{
	if (r->error)
		return;
	r->error = error;
	r->error_where = where;
}

static int
rung_open(struct rung *r)
{
	AVCodecParameters *par;
	int rc = video_encoder_open(&r->encoder, &r->settings, r->info.width, r->info.height);

	if (rc < 0)
		return rc;
	par = avcodec_parameters_alloc();
	if (!par)
		return AVERROR(ENOMEM);
	rc = avcodec_parameters_from_context(par, r->encoder);
	if (rc >= 0)
		rc = muxer_open(&r->mux, r->request->output_folder, r->info.file, par, r->settings.fps, r->audio, r->expected_ticks,
		    r->request->policy.gop_s);
	if (rc >= 0) {
		r->info.has_audio = r->mux.audio != NULL;
		playlist_codecs(par, r->info.has_audio, r->info.codecs, sizeof(r->info.codecs));
	}
	avcodec_parameters_free(&par);
	return rc;
}

static int
take_packets(struct rung *r, AVPacket *packet)
{
	int rc;

	while ((rc = avcodec_receive_packet(r->encoder, packet)) >= 0) {
		atomic_fetch_add(&r->encoded, 1);
		rc = muxer_video(&r->mux, packet, r->frame_ticks, packet->flags & AV_PKT_FLAG_KEY);
		if (rc < 0)
			return rc;
	}
	return rc == AVERROR(EAGAIN) || rc == AVERROR_EOF ? 0 : rc;
}

static void
encode(struct rung *r, const AVFrame *frame, AVPacket *packet)
{
	int rc;

	if (r->error)
		return;
	if (!r->encoder) {
		if (!frame) {
			rung_fail(r, AVERROR_INVALIDDATA, "no pictures");
			return;
		}
		r->settings.colour = (struct colour){ frame->color_primaries, frame->color_trc, frame->colorspace };
		rc = rung_open(r);
		if (rc < 0) {
			rung_fail(r, rc, "open rung");
			return;
		}
	}
	rc = avcodec_send_frame(r->encoder, frame);
	if (rc >= 0)
		rc = take_packets(r, packet);
	if (rc < 0)
		rung_fail(r, rc, "encode");
}

/*
 * The child gets the very picture that came, before this one is encoded, so that both encoders have work at once.
 * Every rung makes its size from the source itself: twice resized is softer, and zimg makes it cheap. A child that is
 * gone is left alone.
 */
static void
hand_down(struct rung *r, const AVFrame *frame)
{
	AUTO(frame) AVFrame *same = r->child ? av_frame_clone(frame) : NULL;
	int rc;

	if (!r->child)
		return;
	rc = same ? 0 : AVERROR(ENOMEM);
	if (rc >= 0) {
		do
			rc = queue_push(&r->child->queue, same, 1000);
		while (rc == AVERROR(EAGAIN));
	}
	if (rc < 0) {
		queue_abort(&r->child->queue);
		r->child = NULL;
	}
}

static void
scale_and_encode(struct rung *r, const AVFrame *frame, AVPacket *packet)
{
	AUTO(frame) AVFrame *sized = r->error ? NULL : av_frame_alloc();
	int rc;

	if (r->error)
		return;
	rc = sized ? scaler_run(&r->scaler, frame, sized) : AVERROR(ENOMEM);
	if (rc < 0)
		rung_fail(r, rc, "scale");
	else
		encode(r, sized, packet);
}

static void
rung_finish(struct rung *r, AVPacket *packet, int why)
{
	int rc;

	if (why != AVERROR_EOF) {
		rung_fail(r, why, "stopped");
		queue_abort(&r->queue);
	}
	if (r->child && why == AVERROR_EOF)
		queue_end(&r->child->queue);
	else if (r->child)
		queue_abort(&r->child->queue);
	encode(r, NULL, packet);
	if (r->error)
		return;
	r->mux.end = FFMAX(r->mux.end, r->end_ticks);
	rc = muxer_finish(&r->mux);
	if (rc < 0)
		rung_fail(r, rc, "finish");
}

static void *
rung_main(void *arg)
{
	struct rung *r = arg;
	AUTO(frame) AVFrame *frame = av_frame_alloc();
	AUTO(packet) AVPacket *packet = av_packet_alloc();
	int rc = frame && packet ? 0 : AVERROR(ENOMEM);

	/* Nothing of a rung but its queue is touched by another thread before it is joined. */
	while (rc == 0) {
		rc = queue_pop(&r->queue, frame);
		if (rc < 0)
			break;
		hand_down(r, frame);
		scale_and_encode(r, frame, packet);
		av_frame_unref(frame);
	}
	rung_finish(r, packet, rc);
	atomic_store(&r->done, true);
	return NULL;
}

int
rung_start(struct rung *r)
{
	queue_init(&r->queue);
	r->scaler = (struct scaler){ .width = r->info.width, .height = r->info.height };
	if (pthread_create(&r->thread, NULL, rung_main, r) != 0) {
		queue_close(&r->queue);
		return AVERROR(EAGAIN);
	}
	r->started = true;
	return 0;
}

void
rung_join(struct rung *r)
{
	if (!r->started)
		return;
	pthread_join(r->thread, NULL);
	r->started = false;
	avcodec_free_context(&r->encoder);
	scaler_close(&r->scaler);
	queue_close(&r->queue);
}
