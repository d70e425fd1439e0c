/*
 * Making plans (see avro_plan.h). Schemas and types may contain themselves, so the plan of a record
 * is entered in a list before its members are planned.
 */
#include "format/avro_plan.h"

#include "base/escape.h"
#include "base/vec.h"

#include <stdio.h>

/* Schemas come from outside, so the work for one is bounded: levels of nesting, and values planned
 * with their members. */
enum { MOST_LEVELS = 2 * WEIR__MAX_DEPTH, MOST_WORK = 1000000 };

struct planner {
    struct weir__arena *arena;
    struct weir__vec records; /* struct known */
    int depth;
    int64_t work;
    const struct weir_field *field; /* being planned, for messages; NULL: none */
    struct weir_error *error;
    enum weir_status status;
};

/* The plan of a record that was begun. */
struct known {
    const struct weir__avro_node *written;
    const struct weir__avro_node *reader;
    const struct weir_type *type;
    const struct weir__avro_plan *plan;
};

/* What a field or element is to become. */
struct wish {
    struct weir__slot slot;
    bool nullable;
};

static void *make(struct planner *planner, size_t count, size_t size)
{
    void *made = weir__arena_alloc(planner->arena, count * size > 0 ? count * size : 1);
    memset(made, 0, count * size);
    return made;
}

/* "int", "record samples.ClickEvent" */
static void describe(const struct weir__avro_node *node, char text[160])
{
    char name[120];
    weir__printable(weir_str_from(node->name), name, sizeof(name));
    snprintf(text, 160, "%s%s%s", weir__avro_type_name(node->type), node->name != NULL ? " " : "",
             name);
}

/* Returns NULL. */
static const struct weir__avro_plan *fail(struct planner *planner, const char *expected,
                                          const struct weir__avro_node *written)
{
    char got[160];
    const struct weir_field *field = planner->field;
    describe(written, got);
    if (planner->status == WEIR_OK) {
        planner->status = weir_error_set(
            planner->error, WEIR_MISMATCH, NULL, "%s%s%sthe schema's %s does not fit; expected %s",
            field != NULL ? "field \"" : "", field != NULL ? field->wire_name : "",
            field != NULL ? "\": " : "", got, expected);
    }
    return NULL;
}

static struct weir__avro_plan *plan_of(struct planner *planner, enum weir__avro_op op,
                                       const struct weir__avro_node *written)
{
    struct weir__avro_plan *plan = make(planner, 1, sizeof(*plan));
    plan->op = op;
    plan->node = written;
    return plan;
}

/* The part of the reader's schema that belongs to a value of this type: through unions. */
static const struct weir__avro_node *reader_part(const struct weir__avro_node *reader,
                                                 enum weir__avro_type type)
{
    if (reader != NULL && reader->type == WEIR__AVRO_UNION) {
        for (size_t i = 0; i < reader->count; i++) {
            if (reader->parts[i]->type == type) {
                return reader->parts[i];
            }
        }
        return NULL;
    }
    return reader != NULL && reader->type == type ? reader : NULL;
}

/* ---- scalars ---- */

/* The op that makes `kind` of a scalar, or REFUSE. */
static enum weir__avro_op scalar_op(enum weir_kind kind, enum weir__avro_type written)
{
    static const struct {
        enum weir_kind kind;
        enum weir__avro_type written;
        enum weir__avro_op op;
    } ops[] = {
        {WEIR_KIND_STRING, WEIR__AVRO_STRING, WEIR__AVRO_OP_STRING},
        {WEIR_KIND_STRING, WEIR__AVRO_BYTES, WEIR__AVRO_OP_STRING},
        {WEIR_KIND_STRING, WEIR__AVRO_ENUM, WEIR__AVRO_OP_SYMBOL},
        {WEIR_KIND_INT64, WEIR__AVRO_LONG, WEIR__AVRO_OP_LONG},
        {WEIR_KIND_INT64, WEIR__AVRO_INT, WEIR__AVRO_OP_INT},
        {WEIR_KIND_DOUBLE, WEIR__AVRO_DOUBLE, WEIR__AVRO_OP_DOUBLE},
        {WEIR_KIND_DOUBLE, WEIR__AVRO_FLOAT, WEIR__AVRO_OP_REAL_FROM_FLOAT},
        {WEIR_KIND_DOUBLE, WEIR__AVRO_LONG, WEIR__AVRO_OP_REAL_FROM_LONG},
        {WEIR_KIND_DOUBLE, WEIR__AVRO_INT, WEIR__AVRO_OP_REAL_FROM_INT},
        {WEIR_KIND_BOOL, WEIR__AVRO_BOOLEAN, WEIR__AVRO_OP_BOOL},
    };
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        if (ops[i].kind == kind && ops[i].written == written) {
            return ops[i].op;
        }
    }
    return WEIR__AVRO_OP_REFUSE;
}

static const struct weir__avro_plan *plan_scalar(struct planner *planner,
                                                 const struct weir__avro_node *written,
                                                 enum weir_kind kind, const char *expected)
{
    enum weir__avro_op op = scalar_op(kind, written->type);
    return op != WEIR__AVRO_OP_REFUSE ? plan_of(planner, op, written)
                                      : fail(planner, expected, written);
}

/* ---- containers ---- */

static const struct weir__avro_plan *plan_value(struct planner *planner,
                                                const struct weir__avro_node *written,
                                                const struct weir__avro_node *reader,
                                                struct wish wish);

static const struct weir__avro_plan *plan_items(struct planner *planner,
                                                const struct weir__avro_node *written,
                                                const struct weir__avro_node *reader,
                                                struct weir__slot slot)
{
    bool is_set = slot.kind == WEIR_KIND_STRING_SET;
    if (written->type != WEIR__AVRO_ARRAY) {
        return fail(planner, "an array", written);
    }
    reader = reader_part(reader, WEIR__AVRO_ARRAY);
    struct weir__avro_plan *plan =
        plan_of(planner, is_set ? WEIR__AVRO_OP_SET : WEIR__AVRO_OP_LIST, written);
    plan->type = is_set ? &weir_string_type : slot.type;
    plan->parts = make(planner, 1, sizeof(plan->parts[0]));
    plan->count = 1;
    plan->parts[0] =
        plan_value(planner, written->parts[0], reader != NULL ? reader->parts[0] : NULL,
                   (struct wish){weir__slot_of_type(plan->type), false});
    return plan->parts[0] != NULL ? plan : NULL;
}

/* A union takes what any of its branches can become; the others are refused when they come. */
static const struct weir__avro_plan *plan_union(struct planner *planner,
                                                const struct weir__avro_node *written,
                                                const struct weir__avro_node *reader,
                                                struct wish wish)
{
    struct weir__avro_plan *plan = plan_of(planner, WEIR__AVRO_OP_UNION, written);
    bool possible = false;
    plan->parts = make(planner, written->count, sizeof(plan->parts[0]));
    plan->count = written->count;
    for (size_t i = 0; i < written->count; i++) {
        struct planner outer = *planner;
        struct weir_error ignored;
        planner->error = &ignored;
        plan->parts[i] = plan_value(planner, written->parts[i], reader, wish);
        planner->error = outer.error;
        planner->field = outer.field;
        planner->status = WEIR_OK;
        possible = possible || plan->parts[i] != NULL;
        if (plan->parts[i] == NULL) {
            plan->parts[i] = plan_of(planner, WEIR__AVRO_OP_REFUSE, written->parts[i]);
        }
    }
    return possible ? plan : fail(planner, "a union with a branch that does", written);
}

/* ---- records ---- */

static const struct weir__avro_field *find_field(const struct weir__avro_node *record,
                                                 const char *name)
{
    for (size_t i = 0; record != NULL && i < record->count; i++) {
        if (strcmp(record->fields[i].name, name) == 0) {
            return &record->fields[i];
        }
    }
    return NULL;
}

static bool has_field(const struct weir_type *type, const char *wire_name)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (strcmp(type->fields[i].wire_name, wire_name) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * The member that becomes `field`: the one of its name, or of an alias that the reader gives it and
 * that is no other field's name. NULL: was not written.
 */
static struct weir__avro_member *source_of(const struct weir_field *field,
                                           const struct weir__avro_plan *plan,
                                           const struct weir__avro_field *reader)
{
    const struct weir__avro_field *source = find_field(plan->node, field->wire_name);
    for (size_t i = 0; source == NULL && reader != NULL && reader->aliases[i] != NULL; i++) {
        if (!has_field(plan->type, reader->aliases[i])) {
            source = find_field(plan->node, reader->aliases[i]);
        }
    }
    struct weir__avro_member *member =
        source != NULL ? &plan->members[source - plan->node->fields] : NULL;
    return member != NULL && member->field == NULL ? member : NULL;
}

static bool plan_member(struct planner *planner, struct weir__avro_plan *plan,
                        const struct weir_field *field, const struct weir__avro_node *reader)
{
    const struct weir__avro_field *wanted = find_field(reader, field->wire_name);
    struct weir__avro_member *member = source_of(field, plan, wanted);
    struct wish wish = {weir__slot_of_field(field), field->nullable};
    if (member != NULL) {
        member->field = field;
        member->plan =
            plan_value(planner, member->own->type, wanted != NULL ? wanted->type : NULL, wish);
        return member->plan != NULL;
    }
    if (wanted != NULL && wanted->has_default) {
        member = &plan->defaults[plan->default_count++];
        member->field = field;
        member->default_bytes = wanted->default_bytes;
        member->plan = plan_value(planner, wanted->type, wanted->type, wish);
        return member->plan != NULL;
    }
    return field->nullable ||
           fail(planner, "one with that field, or a default for it", plan->node) != NULL;
}

static const struct weir__avro_plan *plan_record(struct planner *planner,
                                                 const struct weir__avro_node *written,
                                                 const struct weir__avro_node *reader,
                                                 const struct weir_type *type)
{
    reader = reader_part(reader, WEIR__AVRO_RECORD);
    if (written->type != WEIR__AVRO_RECORD) {
        return fail(planner, "a record", written);
    }
    for (size_t i = 0; i < planner->records.count; i++) {
        const struct known *known = weir__vec_at(&planner->records, i);
        if (known->written == written && known->reader == reader && known->type == type) {
            return known->plan;
        }
    }
    struct weir__avro_plan *plan = plan_of(planner, WEIR__AVRO_OP_RECORD, written);
    size_t known_before = planner->records.count;
    planner->work += (int64_t)(written->count + type->field_count);
    weir__vec_push(&planner->records, &(struct known){written, reader, type, plan});
    plan->type = type;
    plan->count = written->count;
    plan->members = make(planner, written->count, sizeof(plan->members[0]));
    plan->defaults = make(planner, type->field_count, sizeof(plan->defaults[0]));
    for (size_t i = 0; i < written->count; i++) {
        plan->members[i].own = &written->fields[i];
        plan->members[i].default_bytes = written->fields[i].default_bytes;
    }
    const struct weir_field *outer = planner->field;
    for (size_t i = 0; i < type->field_count; i++) {
        planner->field = &type->fields[i];
        if (!plan_member(planner, plan, &type->fields[i], reader)) {
            planner->records.count = known_before; /* nor those that refer to this one */
            return NULL;
        }
    }
    planner->field = outer;
    return plan;
}

/* ---- any value ---- */

static const struct weir__avro_plan *plan_slot(struct planner *planner,
                                               const struct weir__avro_node *written,
                                               const struct weir__avro_node *reader,
                                               struct weir__slot slot)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
        return plan_scalar(planner, written, slot.kind, "boolean");
    case WEIR_KIND_INT64:
        return plan_scalar(planner, written, slot.kind, "long or int");
    case WEIR_KIND_DOUBLE:
        return plan_scalar(planner, written, slot.kind, "double, float, long or int");
    case WEIR_KIND_STRING:
        return plan_scalar(planner, written, slot.kind, "string, bytes or enum");
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
        return plan_items(planner, written, reader, slot);
    case WEIR_KIND_STRUCT:
        return plan_record(planner, written, reader, slot.type);
    }
    return NULL;
}

static const struct weir__avro_plan *plan_value(struct planner *planner,
                                                const struct weir__avro_node *written,
                                                const struct weir__avro_node *reader,
                                                struct wish wish)
{
    const struct weir__avro_plan *plan;
    if (++planner->work > MOST_WORK || planner->depth == MOST_LEVELS) {
        planner->work = MOST_WORK;
        return fail(planner, "a simpler one", written);
    }
    planner->depth++;
    if (written->type == WEIR__AVRO_UNION) {
        plan = plan_union(planner, written, reader, wish);
    } else if (written->type == WEIR__AVRO_NULL && wish.nullable) {
        plan = plan_of(planner, WEIR__AVRO_OP_ABSENT, written);
    } else {
        plan = plan_slot(planner, written, reader, wish.slot);
    }
    planner->depth--;
    return plan;
}

enum weir_status weir__avro_plan_new(struct weir__arena *arena,
                                     const struct weir__avro_node *written,
                                     const struct weir__avro_node *reader,
                                     const struct weir_type *type,
                                     const struct weir__avro_plan **plan, struct weir_error *error)
{
    struct planner planner = {
        .arena = arena, .records = WEIR__VEC_OF(struct known), .error = error};
    *plan = plan_value(&planner, written, reader, (struct wish){weir__slot_of_type(type), false});
    weir__vec_fini(&planner.records);
    return planner.status;
}

/* ---- whether a plan can write ---- */

/* The name of a field that cannot be written, or NULL. */
static const char *unwritable(const struct weir__avro_plan *plan, const char *name, int depth)
{
    if (plan->op == WEIR__AVRO_OP_REAL_FROM_INT || plan->op == WEIR__AVRO_OP_REAL_FROM_LONG) {
        return name;
    }
    if (depth == 0) { /* a type within itself: seen */
        return NULL;
    }
    if (plan->op == WEIR__AVRO_OP_LIST) {
        return unwritable(plan->parts[0], name, depth - 1);
    }
    const char *bad = NULL;
    for (size_t i = 0; plan->op == WEIR__AVRO_OP_RECORD && bad == NULL && i < plan->count; i++) {
        const struct weir__avro_member *member = &plan->members[i];
        if (member->plan != NULL) {
            bad = unwritable(member->plan, member->own->name, depth - 1);
        } else if (!member->own->has_default) {
            bad = member->own->name;
        }
    }
    return bad;
}

enum weir_status weir__avro_plan_check_writable(const struct weir__avro_plan *plan,
                                                struct weir_error *error)
{
    enum { LEVELS = 8 };
    const char *bad = unwritable(plan, "", LEVELS);
    if (bad == NULL) {
        return WEIR_OK;
    }
    char shown[100];
    weir__printable(weir_str_from(bad), shown, sizeof(shown));
    return weir_error_set(error, WEIR_MISMATCH, NULL,
                          "field \"%s\" of the schema cannot be written: the type has no such "
                          "field, and the schema no default; or it is an integer made of a double",
                          shown);
}
