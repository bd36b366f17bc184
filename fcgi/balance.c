/* fcgi/balance.c - see balance.h. Plain numbers: an old one costs an uneven connection, no more. */
#include "fcgi/balance.h"

#include <sys/mman.h>

#define LEFT UINT32_MAX
#define STARTING (UINT32_MAX - 1)
#define AHEAD 2 /* connections more than another child's */

struct balance {
	size_t children;
	_Atomic uint32_t connections[];
};

static size_t
bytes(size_t children)
{
	return sizeof(struct balance) + children * sizeof(uint32_t);
}

struct balance *
balance_open(size_t children)
{
	struct balance *b = mmap(NULL, bytes(children), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (b == MAP_FAILED)
		return NULL;
	b->children = children;
	for (size_t i = 0; i < children; i++)
		b->connections[i] = LEFT;
	return b;
}

void
balance_close(struct balance *b)
{
	if (b != NULL)
		munmap(b, bytes(b->children));
}

void
balance_set(struct balance *b, size_t slot, uint32_t connections)
{
	if (b != NULL)
		b->connections[slot] = connections;
}

void
balance_start(struct balance *b, size_t slot)
{
	balance_set(b, slot, STARTING);
}

void
balance_leave(struct balance *b, size_t slot)
{
	balance_set(b, slot, LEFT);
}

bool
balance_has_left(const struct balance *b, size_t slot)
{
	return b != NULL && b->connections[slot] == LEFT;
}

bool
balance_is_ahead(const struct balance *b, size_t slot)
{
	uint32_t mine;

	if (b == NULL)
		return false;
	mine = b->connections[slot];
	for (size_t i = 0; i < b->children; i++)
		if (b->connections[i] < STARTING && mine >= b->connections[i] + AHEAD)
			return true;
	return false;
}
