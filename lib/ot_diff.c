/*
 * lib/ot_diff.c - the smallest operation between two texts, by Myers' O(ND) algorithm over characters. A round d finds how
 * far one comes on each diagonal with d characters inserted or deleted; the way back through the rounds is the operation.
 */
#include "lib/mem.h"
#include "lib/ot.h"
#include "lib/utf8.h"

#define ROUNDS_MAX 400           /* rounds are kept: their square is memory */
#define STEPS_MAX  (8 * 1000000) /* characters found equal */

/* A text cut into characters. */
struct letters {
	const char *text;
	size_t *at; /* where each begins; at[count] is the end */
	long count;
};

struct diff {
	struct letters a, b;
	long **furthest; /* [round][diagonal + round]: how much of a is done */
	long rounds, steps;
};

static void
letters_cut(void *mem, const char *text, size_t bytes, struct letters *out)
{
	size_t n = 0;

	*out = (struct letters){ .text = text, .at = mem_array(mem, size_t, utf8_count(text, bytes) + 1) };
	for (size_t i = 0; i < bytes; i += n) {
		n = utf8_sequence((const unsigned char *)text + i, bytes - i);
		out->at[out->count++] = i;
	}
	out->at[out->count] = bytes;
}

static size_t
letter_bytes(const struct letters *l, long i)
{
	return l->at[i + 1] - l->at[i];
}

static bool
is_same_letter(const struct diff *d, long x, long y)
{
	size_t n = letter_bytes(&d->a, x);

	return n == letter_bytes(&d->b, y) && memcmp(d->a.text + d->a.at[x], d->b.text + d->b.at[y], n) == 0;
}

/* Does the way to the diagonal in this round come by an insertion (from the one above)? Else by a deletion. */
static bool
is_by_insertion(const long *before, long round, long diagonal)
{
	/* before[] is of round - 1: diagonal k is at k + round - 1 */
	return diagonal == -round || (diagonal != round && before[diagonal + round - 2] < before[diagonal + round]);
}

/* How far one comes on the diagonal with `round` changes. */
static long
furthest_on(struct diff *d, long round, long diagonal)
{
	const long *before = round > 0 ? d->furthest[round - 1] : NULL;
	long x = 0;

	if (round > 0)
		x = is_by_insertion(before, round, diagonal) ? before[diagonal + round] : before[diagonal + round - 2] + 1;
	while (x < d->a.count && x - diagonal < d->b.count && x - diagonal >= 0 && is_same_letter(d, x, x - diagonal)) {
		x++;
		d->steps++;
	}
	return x;
}

/* Is the end reached within the limits? */
static bool
diff_search(void *mem, struct diff *d)
{
	d->furthest = mem_array(mem, long *, ROUNDS_MAX);
	for (long round = 0; round < ROUNDS_MAX; round++) {
		d->furthest[round] = mem_array(mem, long, (size_t)round * 2 + 1);
		for (long k = -round; k <= round; k += 2) {
			long x = furthest_on(d, round, k);

			d->furthest[round][k + round] = x;
			if (x == d->a.count && x - k == d->b.count) {
				d->rounds = round;
				return true;
			}
			if (d->steps > STEPS_MAX)
				return false;
		}
	}
	return false;
}

/* Per change, from the first: is it an insertion, and how much of a is done before it. */
struct change {
	bool is_insertion;
	long at;
};

static void
diff_way(const struct diff *d, struct change *changes)
{
	long k = d->a.count - d->b.count;

	for (long round = d->rounds; round > 0; round--) {
		const long *before = d->furthest[round - 1];
		bool is_insertion = is_by_insertion(before, round, k);

		k += is_insertion ? 1 : -1;
		changes[round - 1] = (struct change){ is_insertion, before[k + round - 1] };
	}
}

static void
keep(struct ot *out, const struct letters *l, long from, long to)
{
	ot_retain(out, utf8_units16(l->text + l->at[from], l->at[to] - l->at[from]));
}

static void
diff_write(void *mem, const struct diff *d, struct ot *out)
{
	struct change *changes = mem_array(mem, struct change, (size_t)d->rounds + 1);
	long x = 0, shift = 0; /* x - shift is how much of b is done */

	diff_way(d, changes);
	for (long i = 0; i < d->rounds; i++) {
		keep(out, &d->a, x, changes[i].at);
		x = changes[i].at;
		if (changes[i].is_insertion) {
			ot_insert(out, d->b.text + d->b.at[x - shift], letter_bytes(&d->b, x - shift));
			shift--;
		} else {
			ot_delete(out, letter_bytes(&d->a, x) == 4 ? 2 : 1);
			x++;
			shift++;
		}
	}
	keep(out, &d->a, x, d->a.count);
}

/* Bytes that both begin with, ending between characters. */
static size_t
common_start(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	size_t n = 0, most = a_bytes < b_bytes ? a_bytes : b_bytes;

	while (n < most && a[n] == b[n])
		n++;
	while (n > 0 && ((n < a_bytes && (a[n] & 0xc0) == 0x80) || (n < b_bytes && (b[n] & 0xc0) == 0x80)))
		n--;
	return n;
}

static size_t
common_end(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	size_t n = 0, most = a_bytes < b_bytes ? a_bytes : b_bytes;

	while (n < most && a[a_bytes - n - 1] == b[b_bytes - n - 1])
		n++;
	while (n > 0 && (a[a_bytes - n] & 0xc0) == 0x80)
		n--;
	return n;
}

void
ot_diff(void *mem, const char *before, size_t before_bytes, const char *after, size_t after_bytes, struct ot *out)
{
	size_t start = common_start(before, before_bytes, after, after_bytes);
	size_t end = common_end(before + start, before_bytes - start, after + start, after_bytes - start);
	size_t a_bytes = before_bytes - start - end, b_bytes = after_bytes - start - end;
	void *work = mem_checked(talloc_new(mem));
	struct diff d = { .rounds = 0 };

	ot_init(out, mem);
	ot_retain(out, utf8_units16(before, start));
	letters_cut(work, before + start, a_bytes, &d.a);
	letters_cut(work, after + start, b_bytes, &d.b);
	if (a_bytes > 0 && b_bytes > 0 && diff_search(work, &d)) {
		diff_write(work, &d, out);
	} else {
		ot_insert(out, after + start, b_bytes);
		ot_delete(out, utf8_units16(before + start, a_bytes));
	}
	ot_retain(out, utf8_units16(before + before_bytes - end, end));
	talloc_free(work);
}
