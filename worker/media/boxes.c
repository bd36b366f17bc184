/*
 * boxes.c - the few ISO boxes that libavformat leaves to us: a duration in the head of a fragmented file, and an
 * index of its fragments before them, so that a download seeks like any other film.
 */
#include "worker/media/internal.h"

#define MEHD_SIZE 20
#define EDTS_SIZE 36

void
boxes_put32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

void
boxes_put64(uint8_t *p, uint64_t value)
{
	boxes_put32(p, (uint32_t)(value >> 32));
	boxes_put32(p + 4, (uint32_t)value);
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The child box of that type between from and end; -1 if there is none. */
static int
find_box(const uint8_t *bytes, int from, int end, const char *type)
{
	while (from + 8 <= end) {
		uint32_t size = get32(bytes + from);

		if (size < 8 || size > (uint32_t)(end - from))
			return -1;
		if (memcmp(bytes + from + 4, type, 4) == 0)
			return from;
		from += (int)size;
	}
	return -1;
}

/* libavformat ties the CMAF brand to composition offsets below zero, which its own reader gets wrong. */
int
boxes_set_brands(uint8_t *head, int *size, int capacity)
{
	static const char brands[] = "iso6\0\0\2\0iso6cmfciso5mp41";
	int old = find_box(head, 0, *size, "ftyp") == 0 ? (int)get32(head) : -1;
	int fresh = 8 + (int)sizeof(brands) - 1;

	if (old < 0 || *size - old + fresh > capacity)
		return AVERROR_INVALIDDATA;
	memmove(head + fresh, head + old, (size_t)(*size - old));
	boxes_put32(head, (uint32_t)fresh);
	memcpy(head + 8, brands, sizeof(brands) - 1);
	*size += fresh - old;
	return 0;
}

int
boxes_add_movie_duration(uint8_t *head, int *size, int capacity, int64_t *duration_at, uint32_t *timescale)
{
	int moov = find_box(head, 0, *size, "moov");
	int moov_end = moov < 0 ? -1 : moov + (int)get32(head + moov);
	int mvhd = moov < 0 ? -1 : find_box(head, moov + 8, moov_end, "mvhd");
	int mvex = moov < 0 ? -1 : find_box(head, moov + 8, moov_end, "mvex");

	if (mvhd < 0 || mvex < 0 || *size + MEHD_SIZE > capacity)
		return AVERROR_INVALIDDATA;
	*timescale = get32(head + mvhd + (head[mvhd + 8] ? 28 : 20));
	memmove(head + mvex + 8 + MEHD_SIZE, head + mvex + 8, (size_t)(*size - mvex - 8));
	memset(head + mvex + 8, 0, MEHD_SIZE);
	boxes_put32(head + mvex + 8, MEHD_SIZE);
	memcpy(head + mvex + 12, "mehd", 4);
	head[mvex + 16] = 1;
	boxes_put32(head + mvex, get32(head + mvex) + MEHD_SIZE);
	boxes_put32(head + moov, get32(head + moov) + MEHD_SIZE);
	*size += MEHD_SIZE;
	*duration_at = mvex + 20;
	return *timescale ? 0 : AVERROR_INVALIDDATA;
}

/*
 * An edit list for the first track: it starts at a media time that is filled in at *media_time_at (32 bits) when the
 * encoder's delay is known. Composition offsets below zero could say the same, but libavformat reads them late.
 */
int
boxes_add_edit_list(uint8_t *head, int *size, int capacity, int64_t *media_time_at)
{
	int moov = find_box(head, 0, *size, "moov");
	int trak = moov < 0 ? -1 : find_box(head, moov + 8, moov + (int)get32(head + moov), "trak");
	int tkhd = trak < 0 ? -1 : find_box(head, trak + 8, trak + (int)get32(head + trak), "tkhd");
	int at = tkhd < 0 ? -1 : tkhd + (int)get32(head + tkhd);

	if (at < 0 || *size + EDTS_SIZE > capacity)
		return AVERROR_INVALIDDATA;
	memmove(head + at + EDTS_SIZE, head + at, (size_t)(*size - at));
	memset(head + at, 0, EDTS_SIZE);
	boxes_put32(head + at, EDTS_SIZE);
	memcpy(head + at + 4, "edts", 4);
	boxes_put32(head + at + 8, EDTS_SIZE - 8);
	memcpy(head + at + 12, "elst", 4);
	boxes_put32(head + at + 20, 1); /* one entry; its duration 0 is all that the fragments hold */
	boxes_put32(head + at + 32, 0x00010000);
	boxes_put32(head + trak, get32(head + trak) + EDTS_SIZE);
	boxes_put32(head + moov, get32(head + moov) + EDTS_SIZE);
	*size += EDTS_SIZE;
	*media_time_at = at + 28;
	return 0;
}

/* A segment index over all fragments, `gap` bytes before the first. Returns its size, 0 if it does not fit. */
int
boxes_index(uint8_t *out, size_t capacity, const struct fragment *fragments, int count, uint32_t track, int64_t gap)
{
	size_t size = 40 + 12 * (size_t)count;
	uint8_t *p = out + 40;

	if (size > capacity || count > 65535 || count == 0)
		return 0;
	memset(out, 0, 40);
	boxes_put32(out, (uint32_t)size);
	memcpy(out + 4, "sidx", 4);
	out[8] = 1;
	boxes_put32(out + 12, track);
	boxes_put32(out + 16, TICKS);
	boxes_put64(out + 20, (uint64_t)fragments[0].start);
	boxes_put64(out + 28, (uint64_t)gap);
	boxes_put32(out + 36, (uint32_t)count);
	for (int i = 0; i < count; i++, p += 12) {
		boxes_put32(p, (uint32_t)fragments[i].size & 0x7fffffff);
		boxes_put32(p + 4, (uint32_t)fragments[i].duration);
		boxes_put32(p + 8, 0x90000000); /* starts with a closed group of pictures */
	}
	return (int)size;
}

void
boxes_free_space(uint8_t *out, size_t size)
{
	memset(out, 0, size);
	boxes_put32(out, (uint32_t)size);
	memcpy(out + 4, "free", 4);
}
