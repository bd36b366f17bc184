/* fcgi/tus_metadata.h - the Upload-Metadata header of tus: "filename d29ybGQ=,is_draft". */
#ifndef ATELIER_TUS_METADATA_H
#define ATELIER_TUS_METADATA_H

#include <stdbool.h>
#include <stddef.h>

/* Goes through the pairs: calls fn(arg, key, value) with both terminated (value "" when there is none).
 * scratch: at least as long as header, plus one. False when the header is not well formed or fn says false. */
bool tus_metadata_parse(const char *header, char *scratch, bool (*fn)(void *arg, const char *key, const char *value),
    void *arg);

#endif
