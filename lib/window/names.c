/*
 * Names.
 */
#include "window/names.h"

#include "base/mem.h"

#define FIRST_SLOTS 16u
#define LINE        WEIR__NAME_LINE

/* ---- one name ---- */

static bool is_free(const struct weir__name *name)
{
    return name->len == WEIR__NAME_FREE;
}

static struct weir_str text_of(const struct weir__name *name)
{
    return (struct weir_str){name->len <= sizeof(name->text) ? name->text : name->data, name->len};
}

static bool is(const struct weir__name *name, struct weir_str text)
{
    return name->len == text.len && memcmp(text_of(name).data, text.data, text.len) == 0;
}

static void free_text(const struct weir__name *name)
{
    if (!is_free(name) && name->len > sizeof(name->text)) {
        weir__free(name->data);
    }
}

/* ---- the table ---- */

static void make_slots(struct weir__names *names, uint32_t count)
{
    names->slots = weir__alloc_lines(count * sizeof(*names->slots));
    names->last_slot = count - 1;
    names->limit = count / 2; /* more, and many do not lie at home */
    names->used = 0;
    for (uint32_t i = 0; i < count; i++) {
        names->slots[i].len = WEIR__NAME_FREE;
    }
}

/* The slot of a string, or the free one where it would lie. */
static struct weir__name *find(const struct weir__names *names, struct weir_str text, uint64_t hash)
{
    uint32_t at = (uint32_t)(weir__names_home(names, hash) - names->slots);
    while (!is_free(&names->slots[at]) && !is(&names->slots[at], text)) {
        at = (at + 1) & names->last_slot;
    }
    return &names->slots[at];
}

static bool counts(const struct weir__names *names, const struct weir__name *name)
{
    return !is_free(name) && name->last >= names->horizon;
}

/* Into a table of `count` slots go the names that count; the others go. */
static void rebuild(struct weir__names *names, uint32_t count)
{
    struct weir__name *old = names->slots;
    uint32_t old_count = names->last_slot + 1;
    make_slots(names, count);
    for (uint32_t i = 0; i < old_count; i++) {
        if (counts(names, &old[i])) {
            struct weir_str text = text_of(&old[i]);
            *find(names, text, weir__hash_bytes(text.data, text.len)) = old[i];
            names->used++;
        } else if (!is_free(&old[i])) {
            weir__vec_push(&names->spare, &old[i].number);
            free_text(&old[i]);
        }
    }
    weir__free(old);
}

static void make_room(struct weir__names *names)
{
    uint32_t count = names->last_slot + 1;
    uint32_t left = 0;
    for (uint32_t i = 0; i < count; i++) {
        left += counts(names, &names->slots[i]);
    }
    if (left > names->limit / 4 * 3) {
        count *= 2;
    } else if (left < names->limit / 8 && count > FIRST_SLOTS) {
        count /= 2;
    }
    rebuild(names, count);
}

/* ---- the interface ---- */

void weir__names_init(struct weir__names *names)
{
    *names = (struct weir__names){.spare = WEIR__VEC_OF(uint32_t), .horizon = INT64_MIN};
    make_slots(names, FIRST_SLOTS);
}

void weir__names_fini(struct weir__names *names)
{
    for (uint32_t i = 0; i <= names->last_slot; i++) {
        free_text(&names->slots[i]);
    }
    weir__free(names->slots);
    weir__vec_fini(&names->spare);
}

void weir__names_set_horizon(struct weir__names *names, int64_t horizon)
{
    names->horizon = horizon;
}

static void add(struct weir__names *names, struct weir__name *name, struct weir_str text)
{
    name->number =
        names->spare.count > 0 ? *(uint32_t *)weir__vec_pop(&names->spare) : names->next_number++;
    name->len = text.len;
    if (text.len > sizeof(name->text)) {
        name->data = weir__memdup(text.data, text.len);
    } else {
        weir__short_copy(name->text, text.data, text.len);
    }
    names->used++;
}

uint32_t weir__names_look_up(struct weir__names *names, struct weir_str text, uint64_t hash,
                             int64_t slice)
{
    struct weir__name *name = find(names, text, hash);
    if (is_free(name)) {
        if (names->used >= names->limit) {
            make_room(names);
            name = find(names, text, hash);
        }
        add(names, name, text);
        name->last = slice;
    }
    name->last = slice > name->last ? slice : name->last;
    return name->number;
}

struct weir_str *weir__names_texts(const struct weir__names *names)
{
    struct weir_str *texts = weir__calloc(names->next_number, sizeof(*texts));
    for (uint32_t i = 0; i <= names->last_slot; i++) {
        const struct weir__name *name = &names->slots[i];
        if (!is_free(name)) {
            texts[name->number] = text_of(name);
        }
    }
    return texts;
}
