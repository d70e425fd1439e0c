/*
 * The plan: how a value that was written with one Avro schema comes to lie in a C struct.
 *
 *     schema (as written)              plan                         struct
 *     record ClickEvent                members, in written order
 *       ip       string          ──▶   string into ip         ──▶   .ip
 *       oldField double          ──▶   skip
 *       userid   int             ──▶   int into userid        ──▶   .userid (int64)
 *                                      defaults: what the writer did not know
 *
 * A schema resolves once; a message then costs no look-ups. What a union's branch cannot become is
 * refused when a message holds that branch, everything else when the plan is made. The same plan,
 * read the other way, writes.
 *
 * What fits: int64 from int, long; double from int, long, float, double; string from string, bytes,
 * enum; bool from boolean; list and string set from array; struct from record, whatever its name;
 * nullable fields also from null, in a union or alone.
 */
#ifndef WEIR__FORMAT_AVRO_PLAN_H
#define WEIR__FORMAT_AVRO_PLAN_H

#include "format/avro_schema.h"
#include "types/slot.h"

enum weir__avro_op {
    WEIR__AVRO_OP_ABSENT, /* null into a nullable field: nothing to read, stays zero */
    WEIR__AVRO_OP_BOOL,
    WEIR__AVRO_OP_INT,
    WEIR__AVRO_OP_LONG,
    WEIR__AVRO_OP_REAL_FROM_INT,
    WEIR__AVRO_OP_REAL_FROM_LONG,
    WEIR__AVRO_OP_REAL_FROM_FLOAT,
    WEIR__AVRO_OP_DOUBLE,
    WEIR__AVRO_OP_STRING,
    WEIR__AVRO_OP_SYMBOL, /* string from enum */
    WEIR__AVRO_OP_SET,
    WEIR__AVRO_OP_LIST,
    WEIR__AVRO_OP_RECORD,
    WEIR__AVRO_OP_UNION,
    WEIR__AVRO_OP_REFUSE, /* a branch of a union that the field cannot take */
};

struct weir__avro_plan;

struct weir__avro_member {
    const struct weir_field *field;     /* NULL: skipped on reading; its default is written */
    const struct weir__avro_field *own; /* of the schema; NULL among the defaults */
    const struct weir__avro_plan *plan; /* NULL when there is no field */
    struct weir_str default_bytes;      /* what is read instead, or written */
};

struct weir__avro_plan {
    enum weir__avro_op op;
    const struct weir__avro_node *node; /* of the schema it was written with */
    const struct weir_type *type;       /* record: of the struct; list: of the elements */
    size_t count;
    const struct weir__avro_plan **parts; /* union: of the branches; list: of the items */
    struct weir__avro_member *members;    /* record: in written order */
    struct weir__avro_member *defaults;   /* fields that were not written, and have a default */
    size_t default_count;
};

/*
 * The plan from `written` to a value of `type`; `reader` (may be NULL) has the aliases and defaults
 * of the type's fields. Schemas must live as long as the plan. Errors: WEIR_MISMATCH, which names
 * the field.
 */
WEIR_MUST_USE enum weir_status weir__avro_plan_new(struct weir__arena *arena,
                                                   const struct weir__avro_node *written,
                                                   const struct weir__avro_node *reader,
                                                   const struct weir_type *type,
                                                   const struct weir__avro_plan **plan,
                                                   struct weir_error *error);

/* Whether the plan can also write: nothing that the schema wants is missing from the type. */
WEIR_MUST_USE enum weir_status weir__avro_plan_check_writable(const struct weir__avro_plan *plan,
                                                              struct weir_error *error);

#endif
