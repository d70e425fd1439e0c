/*
 * A line becomes an event in two steps: first the members' places are noted, so that "t" may stand
 * anywhere; then the members that the type has are read into it.
 */
#include "trace/reader.h"

#include "trace/scan.h"

enum { MEMBERS_MAX = 24 };

struct member {
    struct weir_str name;
    struct weir_str value; /* raw */
};

static size_t find_members(struct weir__scan *scan, struct member *members)
{
    size_t count = 0;
    struct member member;
    weir__scan_open(scan, '{');
    while (weir__scan_member(scan, &member.name)) {
        member.value = weir__scan_skip(scan);
        if (count < MEMBERS_MAX) {
            members[count++] = member;
        }
    }
    return count;
}

static struct weir__scan scan_value(const struct member *members, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (weir_str_equals(members[i].name, name)) {
            /* The value points into the line, which the caller let us change. */
            return weir__scan_of((char *)members[i].value.data, members[i].value.len);
        }
    }
    return (struct weir__scan){NULL, NULL, false, false};
}

static bool read_pairs(struct weir__scan *scan, struct weir__trace_event *event)
{
    weir__scan_open(scan, '[');
    while (weir__scan_element(scan)) {
        int64_t pair[2] = {0, 0};
        weir__scan_open(scan, '[');
        for (int i = 0; i < 2 && weir__scan_element(scan); i++) {
            pair[i] = weir__scan_int(scan);
        }
        if (weir__scan_element(scan)) {
            return false;
        }
        scan->first = false;
        if (event->merged_count < WEIR__TRACE_PAIRS_MAX) {
            memcpy(event->merged[event->merged_count++], pair, sizeof pair);
        }
    }
    return !scan->failed;
}

static bool read_field(struct weir__scan *scan, const struct weir__trace_field *field,
                       struct weir__trace_event *event)
{
    void *member = (char *)event + field->offset;
    switch (field->kind) {
    case WEIR__TRACE_KIND_INT:
        *(int64_t *)member = weir__scan_int(scan);
        break;
    case WEIR__TRACE_KIND_BOOL:
        *(bool *)member = weir__scan_bool(scan);
        break;
    case WEIR__TRACE_KIND_TEXT:
    case WEIR__TRACE_KIND_NAME:
        *(struct weir_str *)member = weir__scan_string(scan);
        break;
    case WEIR__TRACE_KIND_PAIRS:
        return read_pairs(scan, event);
    case WEIR__TRACE_KIND_RAW:
        break;
    }
    return weir__scan_done(scan);
}

static bool find_type(struct weir_str text, enum weir__trace_type *type)
{
    for (int i = 0; i < WEIR__TRACE_TYPES; i++) {
        if (weir_str_equals(text, weir__trace_schemas[i].name)) {
            *type = (enum weir__trace_type)i;
            return true;
        }
    }
    return false;
}

static bool read_number(const struct member *members, size_t count, const char *name,
                        int64_t *number)
{
    struct weir__scan scan = scan_value(members, count, name);
    if (scan.at == NULL) {
        return true;
    }
    *number = weir__scan_int(&scan);
    return weir__scan_done(&scan);
}

enum weir_status weir__trace_read(char *line, size_t len, struct weir__trace_event *event)
{
    struct member members[MEMBERS_MAX];
    struct weir__scan scan = weir__scan_of(line, len);
    size_t count = find_members(&scan, members);
    if (!weir__scan_done(&scan)) {
        return WEIR_MALFORMED;
    }
    struct weir__scan type = scan_value(members, count, "t");
    struct weir_str type_name =
        type.at != NULL ? weir__scan_string(&type) : (struct weir_str){NULL, 0};
    if (weir_str_is_null(type_name)) {
        return WEIR_MALFORMED;
    }
    *event = (struct weir__trace_event){.seq = 0};
    if (!find_type(type_name, &event->type)) {
        return WEIR_UNSUPPORTED;
    }
    if (!read_number(members, count, "seq", &event->seq) ||
        !read_number(members, count, "at", &event->at)) {
        return WEIR_MALFORMED;
    }
    if (event->type == WEIR__TRACE_JOB_EVENT) {
        event->json = (struct weir_str){line, (uint32_t)len};
        return WEIR_OK;
    }
    const struct weir__trace_schema *schema = &weir__trace_schemas[event->type];
    for (size_t i = 0; i < schema->field_count; i++) {
        struct weir__scan value = scan_value(members, count, schema->fields[i].name);
        if (value.at != NULL && !read_field(&value, &schema->fields[i], event)) {
            return WEIR_MALFORMED;
        }
    }
    return WEIR_OK;
}
