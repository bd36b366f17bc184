/* worker/event_batch.c - see event_batch.h. */
#include "worker/event_batch.h"

#include <string.h>

#include "lib/mem.h"
#include "lib/uuid.h"
#include "lib/wait.h"

#define MOVED_AT_ONCE "500" /* other commands wait while a script runs */

/*
 * Sets some events aside under the name of a batch, unless there is another, of a worker that died. Returns the name of the batch that there is,
 * how many events were moved, and when the oldest element was begun that is still in the list (0: none).
 *
 * An element is of a spool (lib/redis_spool.h). Views have their print before them: 16 digits that stand for video and visitor. When
 * a print counted last is kept in a hash of its half hour, so the last two hashes know everybody who counts no more. Marks are set in the step
 * that moves the lines: neither happens without the other.
 */
static struct redis_script set_aside = {
	.text = "local function unmarked(element)\n"
		"  local head, first = string.match(element, '^@(%d+)\\n(.)')\n"
		"  if first == '{' then return element, select(2, string.gsub(element, '\\n', '')) end\n"
		"  local at, from, prints, starts = tonumber(head), #head + 3, {}, {}\n"
		"  while from <= #element do\n"
		"    prints[#prints + 1] = string.sub(element, from, from + 15)\n"
		"    starts[#starts + 1] = from\n"
		"    from = (string.find(element, '\\n', from, true) or #element) + 1\n"
		"  end\n"
		"  starts[#starts + 1] = #element + 2\n"
		"  local half = math.floor(at / 1800)\n"
		"  local key, kept, marks, mine = 'viewed:' .. half, {}, {}, {}\n"
		"  local now, before = redis.call('hmget', key, unpack(prints)), redis.call('hmget', 'viewed:' .. half - 1, unpack(prints))\n"
		"  for i, print in ipairs(prints) do\n"
		"    local last = mine[print] or now[i] or before[i]\n"
		"    if not last or at - last >= 1800 then\n"
		"      mine[print] = at\n"
		"      marks[#marks + 1], marks[#marks + 2] = print, at\n"
		"      kept[#kept + 1] = string.sub(element, starts[i], starts[i + 1] - 2)\n"
		"    end\n"
		"  end\n"
		"  if #kept == 0 then return nil, #prints end\n"
		"  redis.call('hset', key, unpack(marks))\n"
		"  if redis.call('expire', key, 7200, 'NX') == 1 then redis.call('unlink', 'viewed:' .. half - 2) end\n"
		"  return #kept == #prints and element or table.concat(kept, '\\n'), #prints\n"
		"end\n"
		"local name, batch, most, moved = redis.call('lindex', KEYS[2], 0), ARGV[3] .. ARGV[1], tonumber(ARGV[2]), 0\n"
		"if name and name ~= ARGV[1] then return {name, 0, 0} end\n"
		"while moved < most do\n"
		"  local element = redis.call('lindex', KEYS[1], 0)\n"
		"  if not element then break end\n"
		"  local kept, count = unmarked(element)\n"
		"  if kept then redis.call('rpush', batch, kept) end\n"
		"  redis.call('lpop', KEYS[1])\n"
		"  moved = moved + count\n"
		"end\n"
		"if moved > 0 and not name then redis.call('rpush', KEYS[2], ARGV[1]) end\n"
		"local next = redis.call('lindex', KEYS[1], 0)\n"
		"return {ARGV[1], moved, next and tonumber(string.match(next, '^@(%d+)')) or 0}\n"
};

static int
fill(struct event_batch *b, struct redis *redis, void *mem, int64_t most)
{
	const char *pending = mem_printf(mem, "%s:pending", b->flow), *batches = mem_printf(mem, "%s:batches", b->flow);
	const char *prefix = mem_printf(mem, "%s:batch:", b->flow);
	struct uuid id = uuid_new();
	char name[UUID_TEXT];
	int64_t moved = 0;
	struct redis_reply *r;

	uuid_text(&id, name);
	do {
		int err = redis_eval(redis, mem, &r, now_ms() + EVENT_BATCH_MS, &set_aside, 2, 5,
		    (const char *[]){ pending, batches, name, MOVED_AT_ONCE, prefix });

		if (err != 0)
			return err;
		if (r->type != REDIS_LIST || r->count != 3)
			return ERR_INTERNAL;
		moved += r->items[1].integer;
		if (moved > 0 || strcmp(r->items[0].text, name) != 0)
			b->name = r->items[0].text;
		b->oldest_s = r->items[2].integer;
	} while (r->items[1].integer > 0 && moved < most);
	return 0;
}

/* The events of an element, without prints. */
static void
add_lines(void *mem, struct event_batch *b, const struct redis_reply *element)
{
	const char *at = element->text, *end = at + element->length;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at)), *json;

		stop = stop != NULL ? stop : end;
		json = memchr(at, '{', (size_t)(stop - at));
		if (json != NULL) {
			if (b->count == b->room) {
				b->room = 2 * b->room + 64;
				b->lines = mem_checked(talloc_realloc(mem, b->lines, struct event_line, b->room));
			}
			b->lines[b->count++] = (struct event_line){ json, (size_t)(stop - json) };
		}
		at = stop + 1;
	}
}

int
event_batch_take(struct event_batch *b, struct redis *redis, void *mem, const char *flow, int64_t most)
{
	struct redis_reply *list;
	int err;

	*b = (struct event_batch){ .flow = flow };
	err = fill(b, redis, mem, most);
	if (err != 0 || b->name == NULL)
		return err;
	err = redis_command(redis, mem, &list, now_ms() + EVENT_BATCH_MS, "LRANGE %s:batch:%s 0 -1", flow, b->name);
	for (size_t i = 0; err == 0 && i < list->count; i++)
		add_lines(mem, b, &list->items[i]);
	return err;
}

static int
leave_list(const struct event_batch *b, struct redis *redis, void *mem)
{
	return redis_command(redis, mem, NULL, now_ms() + EVENT_BATCH_MS, "LREM %s:batches 1 %s", b->flow, b->name);
}

int
event_batch_forget(const struct event_batch *b, struct redis *redis, void *mem)
{
	int err = redis_command(redis, mem, NULL, now_ms() + EVENT_BATCH_MS, "DEL %s:batch:%s", b->flow, b->name);

	return err != 0 ? err : leave_list(b, redis, mem);
}

int
event_batch_put_away(const struct event_batch *b, struct redis *redis, void *mem)
{
	int err = redis_command(redis, mem, NULL, now_ms() + EVENT_BATCH_MS, "RENAME %s:batch:%s %s:refused:%s", b->flow, b->name, b->flow, b->name);

	return err != 0 ? err : leave_list(b, redis, mem);
}
