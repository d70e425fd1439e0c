/*
 * Names.
 */
#include "window/names.h"

#include "base/mem.h"

#define LINE        WEIR__NAME_LINE
#define FIRST_LINES 4u
#define GENERATIONS 8u /* that a mark tells apart */

_Static_assert(sizeof(struct weir__name_line) == 64 || sizeof(char *) != 8, "a cache line");
_Static_assert(GENERATIONS << WEIR__NAME_GENERATION == UINT8_MAX + 1, "a mark is a byte");
_Static_assert(WEIR__NAME_LONG > WEIR__NAME_SHORT + 1, "no short text is of this kind");

/* ---- one name: a slot of a line ---- */

static uint32_t kind_of(const struct weir__name_line *line, uint32_t slot)
{
    return line->marks[slot] & WEIR__NAME_KIND;
}

static struct weir_str text_of(const struct weir__name_line *line, uint32_t slot)
{
    const union weir__name_text *text = &line->texts[slot];
    return kind_of(line, slot) == WEIR__NAME_LONG
               ? (struct weir_str){text->longer.data, text->longer.len}
               : (struct weir_str){text->bytes, kind_of(line, slot) - weir__name_kind(0)};
}

/* Its hash, or as many bits as home depends on. */
static uint64_t hash_of(const struct weir__name_line *line, uint32_t slot)
{
    struct weir_str text = text_of(line, slot);
    return kind_of(line, slot) == WEIR__NAME_LONG ? line->texts[slot].longer.hash
                                                  : weir__hash_bytes(text.data, text.len);
}

static bool is(const struct weir__name_line *line, uint32_t slot, struct weir_str text,
               uint64_t hash)
{
    const union weir__name_text *own = &line->texts[slot];
    if (kind_of(line, slot) != weir__name_kind(text.len)) {
        return false;
    }
    return text.len <= WEIR__NAME_SHORT
               ? weir__short_equals(own->bytes, text.data, text.len)
               : own->longer.hash == (uint32_t)hash && own->longer.len == text.len &&
                     memcmp(own->longer.data, text.data, text.len) == 0;
}

static void free_text(const struct weir__name_line *line, uint32_t slot)
{
    if (kind_of(line, slot) == WEIR__NAME_LONG) {
        weir__free(line->texts[slot].longer.data);
    }
}

/* Whether it may have been seen in a slice that counts: in this generation or in the last one. */
static bool may_count(const struct weir__names *names, const struct weir__name_line *line,
                      uint32_t slot)
{
    uint8_t age = (uint8_t)(names->generation - (line->marks[slot] & ~WEIR__NAME_KIND));
    return line->marks[slot] != WEIR__NAME_FREE && age >> WEIR__NAME_GENERATION <= 1;
}

/* ---- the table ---- */

static struct weir__name_line *next_line(const struct weir__names *names,
                                         struct weir__name_line *line)
{
    return line + 1 < names->lines + names->line_count ? line + 1 : names->lines;
}

static void make_lines(struct weir__names *names, uint32_t count)
{
    names->lines = weir__alloc_lines(count * sizeof(*names->lines));
    memset(names->lines, 0, count * sizeof(*names->lines));
    names->line_count = count;
    names->limit = (uint32_t)((uint64_t)count * 9 / 5); /* more, and many do not lie at home */
    names->used = 0;
}

/* How many slots of a line are used: the first ones. */
static uint32_t used_of(const struct weir__name_line *line)
{
    uint32_t used = 0;
    while (used < LINE && line->marks[used] != WEIR__NAME_FREE) {
        used++;
    }
    return used;
}

/* The slot where one more name, with that hash, is to lie. */
static struct weir__name_line *find_room(struct weir__names *names, uint64_t hash, uint32_t *slot)
{
    struct weir__name_line *line = weir__names_home(names, hash);
    while ((*slot = used_of(line)) == LINE) {
        line->more = true;
        line = next_line(names, line);
    }
    names->used++;
    return line;
}

static void move(struct weir__names *names, const struct weir__name_line *from, uint32_t slot)
{
    uint32_t to_slot;
    struct weir__name_line *to = find_room(names, hash_of(from, slot), &to_slot);
    to->texts[to_slot] = from->texts[slot];
    to->numbers[to_slot] = from->numbers[slot];
    to->marks[to_slot] = from->marks[slot];
}

static uint32_t count_names(const struct weir__names *names)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < names->line_count; i++) {
        for (uint32_t slot = 0; slot < LINE; slot++) {
            count += may_count(names, &names->lines[i], slot);
        }
    }
    return count;
}

/* Lines for so many names and a third more: as many as there are, unless those are far too many. */
static uint32_t lines_for(const struct weir__names *names, uint32_t count)
{
    uint32_t lines = FIRST_LINES + (uint32_t)((uint64_t)count * 3 / 4);
    return lines > names->line_count / 2 && lines < names->line_count ? names->line_count : lines;
}

/* Names that do not count go; the others into a table that has room for more. */
static void sweep(struct weir__names *names)
{
    struct weir__name_line *old = names->lines;
    uint32_t old_count = names->line_count;
    make_lines(names, lines_for(names, count_names(names)));
    for (uint32_t i = 0; i < old_count; i++) {
        for (uint32_t slot = 0; slot < used_of(&old[i]); slot++) {
            if (may_count(names, &old[i], slot)) {
                move(names, &old[i], slot);
            } else {
                weir__vec_push(&names->spare, &old[i].numbers[slot]);
                free_text(&old[i], slot);
            }
        }
    }
    weir__free(old);
    names->unswept = 0;
}

/* ---- the interface ---- */

void weir__names_init(struct weir__names *names)
{
    *names = (struct weir__names){
        .spare = WEIR__VEC_OF(uint32_t), .newest = INT64_MIN, .last = INT64_MIN};
    make_lines(names, FIRST_LINES);
}

void weir__names_fini(struct weir__names *names)
{
    for (uint32_t i = 0; i < names->line_count; i++) {
        for (uint32_t slot = 0; slot < LINE; slot++) {
            free_text(&names->lines[i], slot);
        }
    }
    weir__free(names->lines);
    weir__vec_fini(&names->spare);
}

/* Right after a sweep the oldest names are of the last generation, so n generations later they are
 * n + 1 old. They go before they would look like new ones. */
void weir__names_set_horizon(struct weir__names *names, int64_t horizon)
{
    if (horizon <= names->last) {
        return;
    }
    names->last = names->newest;
    names->generation = (uint8_t)(names->generation + (1U << WEIR__NAME_GENERATION));
    names->unswept++;
    if (names->unswept + 1 == GENERATIONS - 1) {
        sweep(names);
    }
}

static uint32_t add(struct weir__names *names, struct weir_str text, uint64_t hash)
{
    uint32_t slot;
    struct weir__name_line *line = find_room(names, hash, &slot);
    union weir__name_text *own = &line->texts[slot];
    if (text.len <= WEIR__NAME_SHORT) {
        weir__short_copy(own->bytes, text.data, text.len); /* the slot is full of zeros */
    } else {
        own->longer.data = weir__memdup(text.data, text.len);
        own->longer.len = text.len;
        own->longer.hash = (uint32_t)hash;
    }
    line->marks[slot] = (uint8_t)(weir__name_kind(text.len) | names->generation);
    line->numbers[slot] =
        names->spare.count > 0 ? *(uint32_t *)weir__vec_pop(&names->spare) : names->next_number++;
    return line->numbers[slot];
}

/* The slot of a text in a line, or LINE. */
static uint32_t find(const struct weir__name_line *line, struct weir_str text, uint64_t hash)
{
    uint32_t slot = text.len <= WEIR__NAME_SHORT ? weir__name_slot(line, text) : 0;
    while (slot < LINE && !is(line, slot, text, hash)) {
        slot++;
    }
    return slot;
}

uint32_t weir__names_look_up(struct weir__names *names, struct weir_str text, uint64_t hash)
{
    struct weir__name_line *line = weir__names_home(names, hash);
    uint32_t slot;
    while ((slot = find(line, text, hash)) == LINE && line->more) {
        line = next_line(names, line);
    }
    if (slot < LINE) {
        return weir__name_see(names, line, slot);
    }
    if (names->used >= names->limit) {
        sweep(names);
    }
    return add(names, text, hash);
}

struct weir_str *weir__names_texts(const struct weir__names *names)
{
    struct weir_str *texts = weir__calloc(names->next_number, sizeof(*texts));
    for (uint32_t i = 0; i < names->line_count; i++) {
        const struct weir__name_line *line = &names->lines[i];
        for (uint32_t slot = 0; slot < used_of(line); slot++) {
            texts[line->numbers[slot]] = text_of(line, slot);
        }
    }
    return texts;
}
