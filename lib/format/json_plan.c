/*
 * Compiling types into plans. Types may contain themselves through lists, so a plan is looked up
 * before it is made.
 */
#include "format/json_plan.h"

#include "base/escape.h"
#include "base/mem.h"

#include <assert.h>

/* The struct that a field is or lists, through any number of lists. */
static const struct weir_type *struct_of(const struct weir_type *type)
{
    while (type != NULL && type->kind == WEIR_KIND_LIST) {
        type = type->element;
    }
    return type != NULL && type->kind == WEIR_KIND_STRUCT ? type : NULL;
}

static void compile_key(struct weir__json_field *compiled)
{
    struct weir__buf key = {0};
    weir__buf_put_u8(&key, ',');
    weir__buf_put_json_string(&key, weir_str_from(compiled->field->wire_name));
    compiled->key_len = (uint32_t)key.len - 1;
    static const char colon[1 + WEIR__JSON_KEY_PADDING] = ":"; /* and zeros */
    weir__buf_put(&key, colon, sizeof(colon));
    compiled->key = key.data;
    compiled->name_len = (uint32_t)strlen(compiled->field->wire_name);
}

static struct weir__json_plan *plan_of(const struct weir_type *type, struct weir__json_plan *head)
{
    if (type == NULL) {
        return NULL;
    }
    for (struct weir__json_plan *plan = head; plan != NULL; plan = plan->other) {
        if (plan->type == type) {
            return plan;
        }
    }
    assert(type->field_count <= WEIR__JSON_MAX_FIELDS);
    struct weir__json_plan *plan = WEIR__NEW(struct weir__json_plan);
    plan->type = type;
    plan->field_count = (uint32_t)type->field_count;
    plan->fields = weir__calloc(type->field_count, sizeof(plan->fields[0]));
    if (head != NULL) {
        plan->other = head->other;
        head->other = plan;
    } else {
        head = plan;
    }
    for (uint32_t i = 0; i < plan->field_count; i++) {
        struct weir__json_field *compiled = &plan->fields[i];
        compiled->field = &type->fields[i];
        compiled->next = i + 1 < plan->field_count ? i + 1 : 0;
        compiled->plan = plan_of(struct_of(type->fields[i].type), head);
        compile_key(compiled);
        plan->required |= (uint64_t)!type->fields[i].nullable << i;
    }
    return plan;
}

struct weir__json_plan *weir__json_plan_new(const struct weir_type *type)
{
    return plan_of(struct_of(type), NULL);
}

void weir__json_plan_free(struct weir__json_plan *plan)
{
    while (plan != NULL) {
        struct weir__json_plan *other = plan->other;
        for (uint32_t i = 0; i < plan->field_count; i++) {
            weir__free(plan->fields[i].key);
        }
        weir__free(plan->fields);
        weir__free(plan);
        plan = other;
    }
}

uint32_t weir__json_plan_find(const struct weir__json_plan *plan, struct weir_str name)
{
    for (uint32_t i = 0; i < plan->field_count; i++) {
        const struct weir__json_field *candidate = &plan->fields[i];
        if (candidate->name_len == name.len &&
            memcmp(candidate->field->wire_name, name.data, name.len) == 0) {
            return i;
        }
    }
    return WEIR__JSON_NO_FIELD;
}
