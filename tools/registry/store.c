/*
 * Schemas and subjects (see store.h).
 */
#include "registry/store.h"

#include "base/mem.h"
#include "format/avro_compatible.h"

const char *const registry_rule_names[REGISTRY_RULES] = {
#define X(name) #name,
    REGISTRY_RULE_MAP(X)
#undef X
};

enum registry_rule registry_rule_of(struct weir_str name)
{
    int rule = 0;
    while (rule < REGISTRY_RULES && !weir_str_equals(name, registry_rule_names[rule])) {
        rule++;
    }
    return (enum registry_rule)rule;
}

void registry_store_init(struct registry_store *store)
{
    *store = (struct registry_store){
        .rule = REGISTRY_BACKWARD,
        .schemas = WEIR__VEC_OF(struct registry_schema),
        .subjects = WEIR__VEC_OF(struct registry_subject),
    };
}

void registry_store_fini(struct registry_store *store)
{
    for (size_t i = 0; i < store->schemas.count; i++) {
        struct registry_schema *schema = weir__vec_at(&store->schemas, i);
        weir__free(schema->text);
        weir__avro_schema_free(schema->parsed);
    }
    while (store->subjects.count > 0) {
        registry_store_delete(store, weir__vec_last(&store->subjects));
    }
    weir__vec_fini(&store->schemas);
    weir__vec_fini(&store->subjects);
}

struct registry_subject *registry_store_subject(const struct registry_store *store,
                                                const char *name)
{
    for (size_t i = 0; i < store->subjects.count; i++) {
        struct registry_subject *subject = weir__vec_at(&store->subjects, i);
        if (strcmp(subject->name, name) == 0) {
            return subject;
        }
    }
    return NULL;
}

const struct registry_schema *registry_store_schema(const struct registry_store *store, int64_t id)
{
    return id >= 1 && (uint64_t)id <= store->schemas.count
               ? weir__vec_at(&store->schemas, (size_t)id - 1)
               : NULL;
}

enum registry_rule registry_store_rule(const struct registry_store *store,
                                       const struct registry_subject *subject)
{
    return subject != NULL && subject->rule != REGISTRY_NO_RULE ? subject->rule : store->rule;
}

/* Finds or makes; NULL: too many. */
static struct registry_subject *need_subject(struct registry_store *store, const char *name)
{
    struct registry_subject *subject = registry_store_subject(store, name);
    if (subject == NULL && store->subjects.count < REGISTRY_MOST_SUBJECTS) {
        subject = weir__vec_add(&store->subjects);
        *subject = (struct registry_subject){.name = weir__strdup(name),
                                             .rule = REGISTRY_NO_RULE,
                                             .versions = WEIR__VEC_OF(int32_t)};
    }
    return subject;
}

bool registry_store_set_rule(struct registry_store *store, const char *name,
                             enum registry_rule rule)
{
    struct registry_subject *subject = need_subject(store, name);
    if (subject != NULL) {
        subject->rule = rule;
    }
    return subject != NULL;
}

static int32_t id_at(const struct registry_subject *subject, size_t index)
{
    return *(int32_t *)weir__vec_at(&subject->versions, index);
}

int32_t registry_store_lookup(const struct registry_store *store,
                              const struct registry_subject *subject, struct weir_str text)
{
    for (size_t i = subject->versions.count; i > 0; i--) {
        const struct registry_schema *schema = registry_store_schema(store, id_at(subject, i - 1));
        if (weir__avro_same_text(weir_str_from(schema->text), text)) {
            return (int32_t)i;
        }
    }
    return 0;
}

/* ---- compatibility ---- */

static bool asks_backward(enum registry_rule rule)
{
    return rule == REGISTRY_BACKWARD || rule == REGISTRY_BACKWARD_TRANSITIVE ||
           rule == REGISTRY_FULL || rule == REGISTRY_FULL_TRANSITIVE;
}

static bool asks_forward(enum registry_rule rule)
{
    return rule == REGISTRY_FORWARD || rule == REGISTRY_FORWARD_TRANSITIVE ||
           rule == REGISTRY_FULL || rule == REGISTRY_FULL_TRANSITIVE;
}

static bool is_transitive(enum registry_rule rule)
{
    return rule == REGISTRY_BACKWARD_TRANSITIVE || rule == REGISTRY_FORWARD_TRANSITIVE ||
           rule == REGISTRY_FULL_TRANSITIVE;
}

static enum weir_status check_version(const struct registry_store *store,
                                      const struct registry_subject *subject, size_t version,
                                      const struct weir__avro_schema *schema,
                                      struct weir_error *error)
{
    char reason[160] = "";
    enum registry_rule rule = registry_store_rule(store, subject);
    const struct weir__avro_schema *old =
        registry_store_schema(store, id_at(subject, version - 1))->parsed;
    if (asks_backward(rule) && !weir__avro_can_read(schema, old, reason)) {
        return weir_error_set(error, WEIR_MISMATCH, subject->name,
                              "the new schema cannot read what version %zu wrote (rule %s): %s",
                              version, registry_rule_names[rule], reason);
    }
    if (asks_forward(rule) && !weir__avro_can_read(old, schema, reason)) {
        return weir_error_set(error, WEIR_MISMATCH, subject->name,
                              "version %zu cannot read what the new schema writes (rule %s): %s",
                              version, registry_rule_names[rule], reason);
    }
    return WEIR_OK;
}

static enum weir_status check_parsed(const struct registry_store *store,
                                     const struct registry_subject *subject, int32_t version,
                                     const struct weir__avro_schema *schema,
                                     struct weir_error *error)
{
    size_t last = subject != NULL ? subject->versions.count : 0;
    bool all = version == 0 && is_transitive(registry_store_rule(store, subject));
    enum weir_status status = WEIR_OK;
    size_t to = version > 0 ? (size_t)version : last;
    for (size_t v = all ? 1 : to; v >= 1 && v <= to && status == WEIR_OK; v++) {
        status = check_version(store, subject, v, schema, error);
    }
    return status;
}

enum weir_status registry_store_check(const struct registry_store *store,
                                      const struct registry_subject *subject, int32_t version,
                                      struct weir_str text, struct weir_error *error)
{
    struct weir__avro_schema *schema = NULL;
    enum weir_status status = weir__avro_schema_parse(text, &schema, error);
    if (status == WEIR_OK) {
        status = check_parsed(store, subject, version, schema, error);
    }
    weir__avro_schema_free(schema);
    return status;
}

/* ---- registration ---- */

/* The id of a schema that is known under any subject; 0: of none. */
static int32_t find_schema(const struct registry_store *store, struct weir_str text)
{
    for (size_t i = 0; i < store->schemas.count; i++) {
        const struct registry_schema *schema = weir__vec_at(&store->schemas, i);
        if (weir__avro_same_text(weir_str_from(schema->text), text)) {
            return (int32_t)i + 1;
        }
    }
    return 0;
}

static char *copy_text(struct weir_str text)
{
    char *copy = weir__alloc((size_t)text.len + 1);
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return copy;
}

/* Takes the parsed schema when it keeps it. */
static int32_t need_schema(struct registry_store *store, struct weir_str text,
                           struct weir__avro_schema **parsed)
{
    int32_t id = find_schema(store, text);
    if (id == 0 && store->schemas.count < REGISTRY_MOST_SCHEMAS) {
        weir__vec_push(&store->schemas, &(struct registry_schema){copy_text(text), *parsed});
        *parsed = NULL;
        id = (int32_t)store->schemas.count;
    }
    return id;
}

enum weir_status registry_store_register(struct registry_store *store, const char *name,
                                         struct weir_str text, int32_t *id,
                                         struct weir_error *error)
{
    struct weir__avro_schema *parsed = NULL;
    struct registry_subject *subject = registry_store_subject(store, name);
    int32_t version = subject != NULL ? registry_store_lookup(store, subject, text) : 0;
    if (version > 0) {
        *id = id_at(subject, (size_t)version - 1);
        return WEIR_OK;
    }
    enum weir_status status = weir__avro_schema_parse(text, &parsed, error);
    if (status == WEIR_OK) {
        status = check_parsed(store, subject, 0, parsed, error);
    }
    if (status == WEIR_OK) {
        subject = need_subject(store, name);
        *id = subject != NULL ? need_schema(store, text, &parsed) : 0;
        if (*id > 0) {
            weir__vec_push(&subject->versions, id);
        } else {
            status = weir_error_set(error, WEIR_LIMIT, name,
                                    "expected at most 10000 schemas and subjects, got more");
        }
    }
    weir__avro_schema_free(parsed);
    return status;
}

void registry_store_delete(struct registry_store *store, struct registry_subject *subject)
{
    size_t index = (size_t)(subject - (struct registry_subject *)store->subjects.items);
    weir__free(subject->name);
    weir__vec_fini(&subject->versions);
    weir__vec_remove(&store->subjects, index);
}
