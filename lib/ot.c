/* lib/ot.c - operations on text: built, applied, composed, transformed, inverted. JSON is in ot_json.c. */
#include "lib/ot.h"

#include "lib/mem.h"
#include "lib/utf8.h"

const char *
ot_error_text(enum ot_error error)
{
	switch (error) {
	case OT_OK:
		break;
	case OT_MALFORMED:
		return "An operation is a list of texts and of whole numbers that are not 0.";
	case OT_TOO_LARGE:
		return "The operation or its text is too large.";
	case OT_LENGTH:
		return "The operation is for a text of another length.";
	case OT_SPLIT:
		return "The operation cuts a character in half.";
	}
	return "";
}

// --- building ---

void
ot_init(struct ot *o, void *mem)
{
	*o = (struct ot){ .mem = mem };
	buf_init(&o->text, mem, 16);
}

static struct ot_part *
last_part(const struct ot *o, enum ot_kind kind)
{
	return o->count > 0 && o->parts[o->count - 1].kind == kind ? &o->parts[o->count - 1] : NULL;
}

static struct ot_part *
part_add(struct ot *o, enum ot_kind kind)
{
	if (o->count == o->capacity) {
		o->capacity = o->capacity == 0 ? 4 : o->capacity * 2;
		o->parts = mem_checked(talloc_realloc(o->mem, o->parts, struct ot_part, o->capacity));
	}
	o->parts[o->count] = (struct ot_part){ .kind = kind };
	return &o->parts[o->count++];
}

static void
part_grow(struct ot *o, enum ot_kind kind, size_t units)
{
	struct ot_part *part = last_part(o, kind);

	if (units == 0)
		return;
	if (part == NULL)
		part = part_add(o, kind);
	part->units += units;
}

void
ot_retain(struct ot *o, size_t units)
{
	part_grow(o, OT_RETAIN, units);
	o->base_units += units;
	o->target_units += units;
}

void
ot_delete(struct ot *o, size_t units)
{
	part_grow(o, OT_DELETE, units);
	o->base_units += units;
}

/* The insertion that new text at the end belongs to: before a deletion, so that the text is always the last in o->text. */
static struct ot_part *
insertion(struct ot *o)
{
	struct ot_part *deletion = last_part(o, OT_DELETE), *part, moved;

	if (deletion == NULL) {
		part = last_part(o, OT_INSERT);
		return part != NULL ? part : part_add(o, OT_INSERT);
	}
	if (o->count > 1 && deletion[-1].kind == OT_INSERT)
		return deletion - 1;
	moved = *deletion;
	*deletion = (struct ot_part){ .kind = OT_INSERT };
	*part_add(o, OT_DELETE) = moved;
	return &o->parts[o->count - 2];
}

void
ot_insert(struct ot *o, const char *text, size_t bytes)
{
	struct ot_part *part;
	size_t units = utf8_units16(text, bytes);

	if (bytes == 0)
		return;
	part = insertion(o);
	part->units += units;
	part->bytes += (uint32_t)bytes;
	o->target_units += units;
	buf_add(&o->text, text, bytes);
}

bool
ot_is_noop(const struct ot *o)
{
	return o->count == 0 || (o->count == 1 && o->parts[0].kind == OT_RETAIN);
}

bool
ot_is_same(const struct ot *a, const struct ot *b)
{
	if (a->count != b->count || a->text.length != b->text.length ||
	    (a->text.length > 0 && memcmp(a->text.data, b->text.data, a->text.length) != 0))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->parts[i].kind != b->parts[i].kind || a->parts[i].units != b->parts[i].units ||
		    a->parts[i].bytes != b->parts[i].bytes)
			return false;
	return true;
}

// --- walking ---

/* Where one stands in a text: a document, or what an operation inserts. */
struct place {
	const char *at, *end;
};

static bool
is_ascii8(const struct place *p)
{
	uint64_t eight;

	if (p->end - p->at < 8)
		return false;
	memcpy(&eight, p->at, 8);
	return (eight & UINT64_C(0x8080808080808080)) == 0;
}

/* Steps over `units`. *bytes says how many bytes they are. */
static enum ot_error
place_step(struct place *p, size_t units, size_t *bytes)
{
	const char *start = p->at;
	size_t length, wide;

	while (units > 0) {
		if (units >= 8 && is_ascii8(p)) {
			units -= 8;
			p->at += 8;
			continue;
		}
		if (p->at == p->end)
			return OT_LENGTH;
		length = utf8_sequence((const unsigned char *)p->at, (size_t)(p->end - p->at));
		if (length == 0)
			return OT_MALFORMED;
		wide = length == 4 ? 2 : 1;
		if (wide > units)
			return OT_SPLIT;
		units -= wide;
		p->at += length;
	}
	*bytes = (size_t)(p->at - start);
	return OT_OK;
}

/* Where one stands in an operation: the part, and what is left of it. */
struct walk {
	struct ot o; /* a copy: the result may take the place of what it is made from */
	size_t index;
	struct ot_part left;
	struct place text; /* of the insertions from here on */
};

static bool
walk_is_at(const struct walk *w, enum ot_kind kind)
{
	return w->index < w->o.count && w->left.kind == kind;
}

static bool
walk_is_over(const struct walk *w)
{
	return w->index >= w->o.count;
}

static void
walk_enter(struct walk *w)
{
	if (!walk_is_over(w))
		w->left = w->o.parts[w->index];
}

static void
walk_begin(struct walk *w, const struct ot *o)
{
	*w = (struct walk){ .o = *o, .text = { o->text.data, o->text.data + o->text.length } };
	walk_enter(w);
}

/* Steps over `units` of the part; inserted text of them is *text, *bytes long. */
static enum ot_error
walk_step(struct walk *w, size_t units, const char **text, size_t *bytes)
{
	enum ot_error error = OT_OK;

	*text = w->text.at;
	*bytes = 0;
	if (w->left.kind == OT_INSERT)
		error = place_step(&w->text, units, bytes);
	w->left.units -= units;
	if (w->left.units == 0) {
		w->index++;
		walk_enter(w);
	}
	return error;
}

static void
walk_insert(struct walk *w, struct ot *out)
{
	const char *text;
	size_t bytes;

	walk_step(w, w->left.units, &text, &bytes);
	ot_insert(out, text, bytes);
}

static size_t
walk_common(const struct walk *a, const struct walk *b)
{
	return a->left.units < b->left.units ? a->left.units : b->left.units;
}

// --- using ---

/* Calls for each part of o with what it keeps or deletes of `text`, or inserts. */
static enum ot_error
each_part(const struct ot *o, const char *text, size_t bytes,
    void (*part)(void *arg, const struct ot_part *part, const char *text, size_t bytes), void *arg)
{
	struct place document = { text, text + bytes }, inserted = { o->text.data, o->text.data + o->text.length }, *from;
	const char *start;
	enum ot_error error;
	size_t n;

	if (utf8_units16(text, bytes) != o->base_units)
		return OT_LENGTH;
	for (size_t i = 0; i < o->count; i++) {
		from = o->parts[i].kind == OT_INSERT ? &inserted : &document;
		start = from->at;
		error = place_step(from, o->parts[i].units, &n);
		if (error != OT_OK)
			return error;
		part(arg, &o->parts[i], start, n);
	}
	return OT_OK;
}

static void
apply_part(void *arg, const struct ot_part *part, const char *text, size_t bytes)
{
	if (part->kind != OT_DELETE)
		buf_add(arg, text, bytes);
}

enum ot_error
ot_apply(const struct ot *o, const char *text, size_t bytes, struct buf *out)
{
	size_t length = out->length;
	enum ot_error error = each_part(o, text, bytes, apply_part, out);

	if (error != OT_OK)
		out->length = length;
	return error;
}

static void
invert_part(void *arg, const struct ot_part *part, const char *text, size_t bytes)
{
	if (part->kind == OT_RETAIN)
		ot_retain(arg, part->units);
	else if (part->kind == OT_INSERT)
		ot_delete(arg, part->units);
	else
		ot_insert(arg, text, bytes);
}

enum ot_error
ot_invert(void *mem, const struct ot *o, const char *text, size_t bytes, struct ot *out)
{
	ot_init(out, mem);
	return each_part(o, text, bytes, invert_part, out);
}

/* The next piece of a, followed by the same piece of b, which is no insertion. */
static enum ot_error
compose_piece(struct walk *a, struct walk *b, struct ot *out)
{
	bool is_new = a->left.kind == OT_INSERT, is_kept = b->left.kind == OT_RETAIN;
	size_t n = walk_common(a, b), bytes;
	enum ot_error error;
	const char *text;

	error = walk_step(b, n, &text, &bytes);
	if (error == OT_OK)
		error = walk_step(a, n, &text, &bytes);
	if (error != OT_OK)
		return error;
	if (is_new && is_kept)
		ot_insert(out, text, bytes);
	else if (!is_new && is_kept)
		ot_retain(out, n);
	else if (!is_new)
		ot_delete(out, n);
	return OT_OK;
}

enum ot_error
ot_compose(void *mem, const struct ot *first, const struct ot *second, struct ot *out)
{
	enum ot_error error = OT_OK;
	const char *text;
	struct walk a, b;
	size_t bytes;

	walk_begin(&a, first);
	walk_begin(&b, second);
	ot_init(out, mem);
	if (a.o.target_units != b.o.base_units)
		return OT_LENGTH;
	while (error == OT_OK && !(walk_is_over(&a) && walk_is_over(&b))) {
		if (walk_is_at(&a, OT_DELETE)) {
			ot_delete(out, a.left.units);
			walk_step(&a, a.left.units, &text, &bytes);
		} else if (walk_is_at(&b, OT_INSERT)) {
			walk_insert(&b, out);
		} else if (walk_is_over(&a) || walk_is_over(&b)) {
			error = OT_LENGTH;
		} else {
			error = compose_piece(&a, &b, out);
		}
	}
	return error;
}

/* The next piece of the text that both are for: each keeps or deletes it. What both delete is gone already. */
static void
transform_piece(struct walk *a, struct walk *b, struct ot *a_after, struct ot *b_after)
{
	bool a_keeps = a->left.kind == OT_RETAIN, b_keeps = b->left.kind == OT_RETAIN;
	size_t n = walk_common(a, b), bytes;
	const char *text;

	if (a_keeps && b_keeps) {
		ot_retain(a_after, n);
		ot_retain(b_after, n);
	} else if (b_keeps) {
		ot_delete(a_after, n);
	} else if (a_keeps) {
		ot_delete(b_after, n);
	}
	walk_step(a, n, &text, &bytes);
	walk_step(b, n, &text, &bytes);
}

enum ot_error
ot_transform(void *mem, const struct ot *first, const struct ot *second, struct ot *a_after, struct ot *b_after)
{
	struct walk a, b;

	walk_begin(&a, first);
	walk_begin(&b, second);
	ot_init(a_after, mem);
	ot_init(b_after, mem);
	if (a.o.base_units != b.o.base_units)
		return OT_LENGTH;
	while (!(walk_is_over(&a) && walk_is_over(&b))) {
		if (walk_is_at(&a, OT_INSERT)) {
			ot_retain(b_after, a.left.units);
			walk_insert(&a, a_after);
		} else if (walk_is_at(&b, OT_INSERT)) {
			ot_retain(a_after, b.left.units);
			walk_insert(&b, b_after);
		} else if (walk_is_over(&a) || walk_is_over(&b)) {
			return OT_LENGTH;
		} else {
			transform_piece(&a, &b, a_after, b_after);
		}
	}
	return OT_OK;
}

size_t
ot_move(const struct ot *o, size_t position)
{
	size_t left = position, moved = position, n;

	for (size_t i = 0; i < o->count; i++) {
		n = o->parts[i].units;
		if (o->parts[i].kind == OT_INSERT) {
			moved += n;
			continue;
		}
		if (o->parts[i].kind == OT_DELETE)
			moved -= n < left ? n : left;
		if (n > left)
			break;
		left -= n;
	}
	return moved;
}
