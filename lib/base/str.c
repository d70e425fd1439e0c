/*
 * Comparing, searching and owning weir_str.
 */
#include <weir/str.h>

#include "base/mem.h"

int weir_str_compare(struct weir_str a, struct weir_str b)
{
    if (a.data == NULL || b.data == NULL) {
        return (a.data != NULL) - (b.data != NULL);
    }
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool weir_str_starts_with(struct weir_str str, const char *prefix)
{
    size_t len = strlen(prefix);
    return str.data != NULL && str.len >= len && memcmp(str.data, prefix, len) == 0;
}

bool weir_str_contains(struct weir_str str, const char *part)
{
    size_t len = strlen(part);
    if (str.data == NULL || len > str.len) {
        return false;
    }
    for (size_t i = 0; i + len <= str.len; i++) {
        if (memcmp(str.data + i, part, len) == 0) {
            return true;
        }
    }
    return false;
}

void weir_str_set(struct weir_str *owned, struct weir_str source)
{
    /* Copied before the old bytes go: `source` may be a piece of them. */
    struct weir_str copy = {source.data != NULL ? weir__memdup(source.data, source.len) : NULL,
                            source.data != NULL ? source.len : 0};
    weir__free((char *)owned->data);
    *owned = copy;
}

void weir_str_clear(struct weir_str *owned)
{
    weir__free((char *)owned->data);
    *owned = (struct weir_str){NULL, 0};
}
