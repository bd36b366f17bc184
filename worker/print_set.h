/* worker/print_set.h - prints as the database keeps them. */
#ifndef ATELIER_WORKER_PRINT_SET_H
#define ATELIER_WORKER_PRINT_SET_H

#include "db/db.h"
#include "worker/media/prints.h"

/* Of a row with the columns frames and sound, numbers with commas between. What it points to hangs on mem. */
struct print_set print_set_read(void *mem, const struct db_result *r, int row);

#endif
