/*
 * log.c - what libav says goes into a short memory for diagnosis instead of stderr.
 * libav has one log callback per process, so this is the one piece of per-process state in this folder.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "worker/media/internal.h"

#define KEPT_LINES 6

static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	char lines[KEPT_LINES][160];
	unsigned next;
	atomic_uint video_decoder_errors;
} memory = { .once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
is_video_decoder(void *object)
{
	const AVClass *class = object ? *(const AVClass **)object : NULL;

	if (!class || class->category != AV_CLASS_CATEGORY_DECODER)
		return false;
	if (class != avcodec_get_class())
		return false;
	return ((const AVCodecContext *)object)->codec_type == AVMEDIA_TYPE_VIDEO;
}

static void
keep_line(void *object, int level, const char *format, va_list args)
{
	char line[160];
	int prefix = 1;

	if (level > AV_LOG_ERROR)
		return;
	if (is_video_decoder(object))
		atomic_fetch_add(&memory.video_decoder_errors, 1);
	av_log_format_line2(object, level, format, args, line, sizeof(line), &prefix);
	line[strcspn(line, "\r\n")] = '\0';
	pthread_mutex_lock(&memory.lock);
	memcpy(memory.lines[memory.next++ % KEPT_LINES], line, sizeof(line));
	pthread_mutex_unlock(&memory.lock);
}

static void
install(void)
{
	av_log_set_callback(keep_line);
}

void
media_log_start(void)
{
	pthread_once(&memory.once, install);
	pthread_mutex_lock(&memory.lock);
	memset(memory.lines, 0, sizeof(memory.lines));
	memory.next = 0;
	pthread_mutex_unlock(&memory.lock);
}

void
media_log_last(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	pthread_mutex_lock(&memory.lock);
	for (unsigned i = 0; i < KEPT_LINES && used + 1 < size; i++) {
		const char *line = memory.lines[(memory.next + i) % KEPT_LINES];
		int n = line[0] ? snprintf(text + used, size - used, "%s%s", used ? "; " : "", line) : 0;

		used += n > 0 ? (size_t)n : 0;
	}
	pthread_mutex_unlock(&memory.lock);
}

unsigned
media_log_video_decoder_errors(void)
{
	return atomic_load(&memory.video_decoder_errors);
}
