/*
 * What a schema registry keeps: schemas with their ids, and subjects with their versions.
 *
 *     schemas      id 1, 2, 3, …        a text each; the same schema has one id, whatever its subjects
 *     subject      version 1, 2, 3, …   each the id of a schema; a rule of compatibility
 *
 * Everything is in memory and bounded. One thread.
 */
#ifndef WEIR_TOOLS_REGISTRY_STORE_H
#define WEIR_TOOLS_REGISTRY_STORE_H

#include "base/vec.h"
#include "format/avro_schema.h"

#define REGISTRY_RULE_MAP(X)                                                                       \
    X(NONE)                                                                                        \
    X(BACKWARD)                                                                                    \
    X(BACKWARD_TRANSITIVE)                                                                         \
    X(FORWARD)                                                                                     \
    X(FORWARD_TRANSITIVE)                                                                          \
    X(FULL)                                                                                        \
    X(FULL_TRANSITIVE)

enum registry_rule {
#define X(name) REGISTRY_##name,
    REGISTRY_RULE_MAP(X)
#undef X
        REGISTRY_RULES,
    REGISTRY_NO_RULE = REGISTRY_RULES /* the subject has none of its own */
};

extern const char *const registry_rule_names[REGISTRY_RULES];
enum registry_rule registry_rule_of(struct weir_str name); /* REGISTRY_NO_RULE: no such rule */

enum { REGISTRY_MOST_SCHEMAS = 10000, REGISTRY_MOST_SUBJECTS = 10000, REGISTRY_NAME_BYTES = 255 };

struct registry_schema {
    char *text;
    struct weir__avro_schema *parsed;
};

struct registry_subject {
    char *name;
    enum registry_rule rule;
    struct weir__vec versions; /* int32_t: ids */
};

struct registry_store {
    enum registry_rule rule;   /* of subjects without their own */
    struct weir__vec schemas;  /* struct registry_schema; id - 1 */
    struct weir__vec subjects; /* struct registry_subject */
};

void registry_store_init(struct registry_store *store);
void registry_store_fini(struct registry_store *store);

/* NULL: no such subject, id. Borrowed until the next registration. */
struct registry_subject *registry_store_subject(const struct registry_store *store,
                                                const char *name);
const struct registry_schema *registry_store_schema(const struct registry_store *store, int64_t id);

enum registry_rule registry_store_rule(const struct registry_store *store,
                                       const struct registry_subject *subject);
/* Gives a subject its own rule; a subject without versions may have one. False: too many subjects.
 */
bool registry_store_set_rule(struct registry_store *store, const char *name,
                             enum registry_rule rule);

/* The version (from 1) of the subject that has this schema; 0: none. */
int32_t registry_store_lookup(const struct registry_store *store,
                              const struct registry_subject *subject, struct weir_str text);

/*
 * Whether the schema may follow the subject's versions by its rule; version: only that one (0:
 * those that the rule asks for). Errors: WEIR_MALFORMED (no schema), WEIR_MISMATCH (not compatible,
 * with the reason).
 */
WEIR_MUST_USE enum weir_status registry_store_check(const struct registry_store *store,
                                                    const struct registry_subject *subject,
                                                    int32_t version, struct weir_str text,
                                                    struct weir_error *error);

/* Registers; the same schema again changes nothing. Errors: those of check, WEIR_LIMIT. */
WEIR_MUST_USE enum weir_status registry_store_register(struct registry_store *store,
                                                       const char *name, struct weir_str text,
                                                       int32_t *id, struct weir_error *error);

void registry_store_delete(struct registry_store *store, struct registry_subject *subject);

#endif
