/* An interning table; at most half of its slots are taken. */
#include "names.h"

#include "base/hash.h"
#include "base/mem.h"

enum { FIRST_SLOTS = 256 };

static uint32_t find_slot(const struct viz_names *names, struct weir_str text)
{
    uint32_t slot = (uint32_t)weir__hash_bytes(text.data, text.len) & (names->slot_count - 1);
    while (names->slots[slot] != 0 && !weir_str_same(names->texts[names->slots[slot] - 1], text)) {
        slot = (slot + 1) & (names->slot_count - 1);
    }
    return slot;
}

static void grow_slots(struct viz_names *names)
{
    weir__free(names->slots);
    names->slot_count *= 2;
    names->slots = weir__calloc(names->slot_count, sizeof names->slots[0]);
    for (int32_t i = 1; i < names->count; i++) {
        names->slots[find_slot(names, names->texts[i])] = i + 1;
    }
}

void viz_names_init(struct viz_names *names)
{
    *names = (struct viz_names){.slot_count = FIRST_SLOTS, .capacity = FIRST_SLOTS, .count = 1};
    names->slots = weir__calloc(FIRST_SLOTS, sizeof names->slots[0]);
    names->texts = weir__calloc(FIRST_SLOTS, sizeof names->texts[0]);
}

void viz_names_fini(struct viz_names *names)
{
    for (int32_t i = 1; i < names->count; i++) {
        weir__free((void *)names->texts[i].data);
    }
    weir__free(names->texts);
    weir__free(names->slots);
    *names = (struct viz_names){0};
}

int32_t viz_name_of(struct viz_names *names, struct weir_str text)
{
    if (weir_str_is_null(text)) {
        return 0;
    }
    uint32_t slot = find_slot(names, text);
    if (names->slots[slot] != 0) {
        return names->slots[slot] - 1;
    }
    if (names->count == names->capacity) {
        names->capacity *= 2;
        names->texts =
            weir__reallocarray(names->texts, (size_t)names->capacity, sizeof names->texts[0]);
    }
    int32_t number = names->count++;
    names->texts[number] = (struct weir_str){weir__memdup(text.data, text.len), text.len};
    names->slots[slot] = number + 1;
    if ((uint32_t)names->count * 2 > names->slot_count) {
        grow_slots(names);
    }
    return number;
}

struct weir_str viz_name(const struct viz_names *names, int32_t number)
{
    return names->texts[number];
}
