/*
 * Types: a plain C struct with a descriptor.
 *
 * A field list is written once, as an X-macro, and gives both the struct and its descriptor:
 *
 *     #define PAGE_VIEW_FIELDS(F, T)                          \
 *         F(T, string, user_id,   "userId",    required)      \
 *         F(T, string, referrer,  "referrer",  nullable)      \
 *         F(T, int64,  timestamp, "timestamp", required)
 *     WEIR_DECLARE_TYPE(page_view, PAGE_VIEW_FIELDS); // header: struct page_view, page_view_type
 *     WEIR_DEFINE_TYPE(page_view, PAGE_VIEW_FIELDS);  // one .c file
 *
 * WEIR_FIELD(page_view, timestamp) then names one field, checked by the compiler.
 *
 * The descriptor drives JSON, printing, hashing, deep copies, channels, state and checkpoints:
 * nobody writes serialization by hand. Kinds: boolean, int64, real (a double), string, string_set,
 * and list and structure, which name another declared struct as a fifth argument: F(T, list,
 * events, "events", required, page_view).
 *
 * Ownership. A value handed to a user function is borrowed until that function returns. Deep
 * copies made by weir_value_copy own their strings, lists and sets, and are released by
 * weir_value_fini.
 */
#ifndef WEIR_TYPE_H
#define WEIR_TYPE_H

#include <weir/status.h>
#include <weir/str.h>

enum weir_kind {
    WEIR_KIND_BOOL,
    WEIR_KIND_INT64,
    WEIR_KIND_DOUBLE,
    WEIR_KIND_STRING,
    WEIR_KIND_STRING_SET,
    WEIR_KIND_LIST,
    WEIR_KIND_STRUCT,
};

struct weir_type;

struct weir_field {
    const char *name;      /* C name */
    const char *wire_name; /* name in JSON, Avro, CSV */
    enum weir_kind kind;
    bool nullable; /* may be absent or null on the wire: null string, empty list, 0, false */
    size_t offset; /* of the member in the struct */
    const struct weir_type *type; /* list: of the elements; structure: of the struct; else NULL */
};

struct weir_type {
    const char *name;
    enum weir_kind kind; /* WEIR_KIND_STRUCT, or a scalar kind for the built-in types below */
    size_t size;         /* sizeof of the C value in bytes */
    const struct weir_field *fields;
    size_t field_count;
    const struct weir_type *element; /* WEIR_KIND_LIST: type of the elements */
};

/* Streams of plain scalars: the C values are struct weir_str, int64_t, double and bool. */
extern const struct weir_type weir_string_type;
extern const struct weir_type weir_int64_type;
extern const struct weir_type weir_double_type;
extern const struct weir_type weir_bool_type;

/* ---- list: elements lie one after the other in `items`, each of the element type's size ---- */

struct weir_list {
    void *items;
    uint32_t count;
    uint32_t capacity; /* 0: items are borrowed */
};

/* Appends a deep copy of *value to an owned list. */
void weir_list_append(struct weir_list *owned, const struct weir_type *element, const void *value);
/* Borrowed until the list changes; `index` must be below count. */
static inline void *weir_list_at(const struct weir_list *list, const struct weir_type *element,
                                 uint32_t index)
{
    return (char *)list->items + (size_t)index * element->size;
}
/* Releases the elements and makes the list empty. */
void weir_list_clear(struct weir_list *owned, const struct weir_type *element);

/* ---- string set: distinct strings, how often each was added, in order of first addition ---- */

struct weir_string_set {
    struct weir__string_table *table; /* NULL: empty */
};

/*
 * Adds `member` (copied) `times` times (>= 1); returns how often it has been added in all (at most
 * INT64_MAX). A null string is never a member: it is ignored, and the answer is 0.
 */
int64_t weir_string_set_add(struct weir_string_set *owned, struct weir_str member, int64_t times);
/* How often `member` was added; 0 when it is not a member. */
int64_t weir_string_set_count(const struct weir_string_set *set, struct weir_str member);
/* Number of distinct members. */
uint32_t weir_string_set_size(const struct weir_string_set *set);
/*
 * The index-th distinct member in order of first addition (index < size), borrowed until the set
 * changes; *times (may be NULL) gets its count.
 */
struct weir_str weir_string_set_at(const struct weir_string_set *set, uint32_t index,
                                   int64_t *times);
/* Adds all members of `other` with their counts. */
void weir_string_set_merge(struct weir_string_set *owned, const struct weir_string_set *other);
void weir_string_set_clear(struct weir_string_set *owned);

/* ---- whole values, by descriptor ---- */

/* All bytes zero: 0, false, null strings, empty lists and sets. */
void weir_value_init(const struct weir_type *type, void *value);
/* Deep copy into uninitialised storage; the copy owns what it points to. */
void weir_value_copy(const struct weir_type *type, void *copy, const void *value);
/* Releases what an owned value points to, and zeroes it. */
void weir_value_fini(const struct weir_type *type, void *owned);
/* Sets are equal with equal members and counts, in any order; NaN equals NaN, and 0 equals -0. */
bool weir_value_equals(const struct weir_type *type, const void *a, const void *b);
/* Equal values have equal hashes; same on every machine. */
uint64_t weir_value_hash(const struct weir_type *type, const void *value);
/*
 * Writes the value as one line of JSON, NUL-terminated; a string set is the array of its members,
 * NaN and infinity are null; control characters and invalid UTF-8 are escaped, so the text is safe
 * to print on a terminal. Returns the length that the whole text has; as with snprintf, it was cut
 * when that is >= size.
 */
size_t weir_value_to_json(const struct weir_type *type, const void *value, char *text, size_t size);

/* Looks a field up by its C name; NULL when the type has none. */
const struct weir_field *weir_type_field(const struct weir_type *type, const char *name);

/* ---- the macros ---- */

#define WEIR__C_boolean(...)        bool
#define WEIR__C_int64(...)          int64_t
#define WEIR__C_real(...)           double
#define WEIR__C_string(...)         struct weir_str
#define WEIR__C_string_set(...)     struct weir_string_set
#define WEIR__C_list(...)           struct weir_list
#define WEIR__C_structure(tag, ...) struct tag

#define WEIR__KIND_boolean    WEIR_KIND_BOOL
#define WEIR__KIND_int64      WEIR_KIND_INT64
#define WEIR__KIND_real       WEIR_KIND_DOUBLE
#define WEIR__KIND_string     WEIR_KIND_STRING
#define WEIR__KIND_string_set WEIR_KIND_STRING_SET
#define WEIR__KIND_list       WEIR_KIND_LIST
#define WEIR__KIND_structure  WEIR_KIND_STRUCT

#define WEIR__TYPE_boolean(...)        NULL
#define WEIR__TYPE_int64(...)          NULL
#define WEIR__TYPE_real(...)           NULL
#define WEIR__TYPE_string(...)         NULL
#define WEIR__TYPE_string_set(...)     NULL
#define WEIR__TYPE_list(tag, ...)      &tag##_type
#define WEIR__TYPE_structure(tag, ...) &tag##_type

#define WEIR__NULLABLE_required false
#define WEIR__NULLABLE_nullable true

#define WEIR__MEMBER(T, kind, name, wire, presence, ...) WEIR__C_##kind(__VA_ARGS__, ~) name;
#define WEIR__INDEX(T, kind, name, ...)                  T##__field_##name,
#define WEIR__ROW(T, kind, name, wire, presence, ...)                                              \
    {#name,                                                                                        \
     wire,                                                                                         \
     WEIR__KIND_##kind,                                                                            \
     WEIR__NULLABLE_##presence,                                                                    \
     offsetof(struct T, name),                                                                     \
     WEIR__TYPE_##kind(__VA_ARGS__, ~)},

/* In a header: the struct, its field numbers, and its descriptor. */
#define WEIR_DECLARE_TYPE(T, FIELDS)                                                               \
    struct T {                                                                                     \
        FIELDS(WEIR__MEMBER, T)                                                                    \
    };                                                                                             \
    enum { FIELDS(WEIR__INDEX, T) T##__how_many };                                                 \
    extern const struct weir_field T##_fields[T##__how_many];                                      \
    extern const struct weir_type T##_type

/* In one .c file: the descriptor itself. */
#define WEIR_DEFINE_TYPE(T, FIELDS)                                                                \
    const struct weir_field T##_fields[T##__how_many] = {FIELDS(WEIR__ROW, T)};                    \
    const struct weir_type T##_type = {                                                            \
        .name = #T,                                                                                \
        .kind = WEIR_KIND_STRUCT,                                                                  \
        .size = sizeof(struct T),                                                                  \
        .fields = T##_fields,                                                                      \
        .field_count = T##__how_many,                                                              \
    }

/* One field of a declared type: where a key or a timestamp is found. */
#define WEIR_FIELD(T, name) (&T##_fields[T##__field_##name])

#endif
