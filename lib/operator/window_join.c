/*
 * The window join: a window operator over both streams, whose function makes pairs.
 *
 * Inside lives an ordinary window operator with a context of its own. Its elements carry their
 * side:
 *
 *     element := right?, left value, right value          (the other side's value is zeroed)
 *     scratch := element, key                             (what the window operator is given)
 *
 * The key lies behind the element, where the window operator reads it, but does not keep it. State,
 * timers, lateness and snapshots are the window operator's.
 * Source: semantics sheet, sections 1 to 9; Flink's JoinedStreams do the same.
 */
#include "base/mem.h"
#include "operator/context.h"
#include "operator/join.h"
#include "types/layout.h"

struct join_factory {
    struct weir__operator_factory factory;
    struct weir__operator_factory *window; /* of the operator inside */
    struct weir_join_function function;
    struct weir_window_function pairs;
    /* the element's type, and where its key lies */
    struct weir_type type;
    struct weir_field fields[3];
    struct weir_field keys[3]; /* by kind of key: string, int64, boolean */
};

struct window_join {
    struct weir__operator op;
    const struct join_factory *settings;
    struct weir__operator *window;
    struct weir__operator_context context; /* of the operator inside */
    char *scratch[2];                      /* by side */
};

static struct window_join *self_of(struct weir__operator *op)
{
    return (struct window_join *)op;
}

/* ---- the pairs of a window ---- */

static bool is_right(const struct weir_window_element *element)
{
    return *(const bool *)element->value;
}

static const void *value_of(const struct join_factory *settings,
                            const struct weir_window_element *element)
{
    return (const char *)element->value + settings->fields[is_right(element) ? 2 : 1].offset;
}

/* `rights`: room for all elements. */
static size_t find_rights(const struct weir_window_element *elements, size_t count,
                          const struct weir_window_element **rights)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_right(&elements[i])) {
            rights[found++] = &elements[i];
        }
    }
    return found;
}

static void join_window(const struct weir_window_context *context,
                        const struct weir_window_element *elements, size_t count,
                        weir_collector *out, void *user)
{
    const struct join_factory *settings = user;
    const struct weir_join_function *function = &settings->function;
    const struct weir_window_element **rights =
        weir__reallocarray(NULL, count + 1, sizeof(const struct weir_window_element *));
    size_t right_count = find_rights(elements, count, rights);
    struct weir_join_context pair = {
        .key_type = context->key_type,
        .key = context->key,
        .timestamp = out->element.timestamp,
        .window = context->window,
    };
    for (size_t i = 0; i < count && right_count > 0; i++) {
        if (is_right(&elements[i])) {
            continue;
        }
        pair.left_timestamp = elements[i].timestamp;
        for (size_t j = 0; j < right_count; j++) {
            pair.right_timestamp = rights[j]->timestamp;
            function->join(value_of(settings, &elements[i]), value_of(settings, rights[j]), &pair,
                           out, function->user);
        }
    }
    weir__free(rights);
}

/* ---- life ---- */

static const struct weir_field *key_of_kind(const struct join_factory *settings,
                                            enum weir_kind kind)
{
    for (size_t i = 0; i < 3; i++) {
        if (settings->keys[i].kind == kind) {
            return &settings->keys[i];
        }
    }
    return NULL; /* no stream has another kind of key */
}

static enum weir_status open_join(struct weir__operator *op, struct weir_error *error)
{
    struct window_join *self = self_of(op);
    self->context = *op->context;
    self->context.in_type = &self->settings->type;
    self->context.key = key_of_kind(self->settings, op->context->key->kind);
    self->context.second_type = NULL;
    self->context.second_key = NULL;
    for (int side = 0; side < 2; side++) {
        self->scratch[side] = weir__calloc(1, self->context.key->offset + sizeof(struct weir_str));
        *(bool *)self->scratch[side] = side == 1;
    }
    self->window = self->settings->window->create(self->settings->window);
    self->window->context = &self->context;
    return self->window->ops->open(self->window, error);
}

static void free_join(struct weir__operator *op)
{
    struct window_join *self = self_of(op);
    if (self->window != NULL) {
        self->window->ops->free(self->window);
    }
    weir__free(self->scratch[0]);
    weir__free(self->scratch[1]);
    weir__free(self);
}

/* ---- calls go inside, and what is to be known comes back ---- */

static void come_back(struct window_join *self)
{
    struct weir__operator_context *outer = self->op.context;
    if (self->context.rejection.code != WEIR_OK) {
        outer->rejection = self->context.rejection;
        self->context.rejection.code = WEIR_OK;
    }
    if (self->context.failed) {
        weir__operator_fail(&self->op, &self->context.failure);
    }
}

static size_t key_size(enum weir_kind kind)
{
    return kind == WEIR_KIND_STRING  ? sizeof(struct weir_str)
           : kind == WEIR_KIND_INT64 ? sizeof(int64_t)
                                     : sizeof(bool);
}

static void process(struct weir__operator *op, int side, const struct weir__record *record)
{
    struct window_join *self = self_of(op);
    const struct weir_field *key = weir__operator_input_key(op->context, side);
    char *scratch = self->scratch[side];
    memcpy(scratch + self->settings->fields[side == 0 ? 1 : 2].offset, record->value,
           weir__operator_input_type(op->context, side)->size);
    memcpy(scratch + self->context.key->offset, (const char *)record->value + key->offset,
           key_size(key->kind));
    struct weir__record element = *record;
    element.value = scratch;
    self->window->ops->process(self->window, 0, &element);
    come_back(self);
}

static void take_watermark(struct weir__operator *op, int64_t watermark)
{
    struct window_join *self = self_of(op);
    self->context.watermark = watermark;
    self->window->ops->watermark(self->window, watermark);
    come_back(self);
}

static int64_t next_tick(const struct weir__operator *op)
{
    const struct weir__operator *window = ((const struct window_join *)op)->window;
    return window->ops->next_tick(window);
}

static void tick(struct weir__operator *op, int64_t now_ms)
{
    struct window_join *self = self_of(op);
    self->window->ops->tick(self->window, now_ms);
    come_back(self);
}

static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    struct weir__operator *window = self_of(op)->window;
    window->ops->snapshot(window, out);
}

static enum weir_status restore(struct weir__operator *op, struct weir_str bytes,
                                struct weir_error *error)
{
    struct weir__operator *window = self_of(op)->window;
    return window->ops->restore(window, bytes, error);
}

static void holdings(const struct weir__operator *op, struct weir__holdings *out)
{
    const struct weir__operator *window = ((const struct window_join *)op)->window;
    window->ops->holdings(window, out);
}

static const struct weir__operator_ops ops = {
    .kind = "WindowJoin",
    .open = open_join,
    .process = process,
    .watermark = take_watermark,
    .next_tick = next_tick,
    .tick = tick,
    .snapshot = snapshot,
    .restore = restore,
    .holdings = holdings,
    .free = free_join,
};

/* ---- the factory ---- */

#define BAD(error, text) weir_error_set(error, WEIR_INVALID, NULL, text)

/* Learners' functions over elements would get either type in their hands. */
static enum weir_status check_functions(const struct weir_window_join_config *config,
                                        struct weir_error *error)
{
    if (config->assigner.kind == WEIR_ASSIGN_DYNAMIC_SESSION) {
        return BAD(error, "a window join takes no dynamic session: its gap_of could not tell left "
                          "events from right ones");
    }
    if (config->trigger.kind == WEIR_TRIGGER_DELTA || config->trigger.kind == WEIR_TRIGGER_CUSTOM) {
        return BAD(error, "a window join takes no trigger with a function of its own: it could not "
                          "tell left events from right ones");
    }
    if (config->evictor.kind != WEIR_EVICT_NONE && config->evictor.kind != WEIR_EVICT_COUNT &&
        config->evictor.kind != WEIR_EVICT_TIME) {
        return BAD(error, "a window join takes no evictor with a function of its own: it could not "
                          "tell left events from right ones");
    }
    return WEIR_OK;
}

enum weir_status weir__window_join_check(const struct weir_window_join_config *config,
                                         struct weir_error *error)
{
    /* Types have been checked: the window's own check is about everything else. */
    static const struct weir_window_function pairs = {
        .in_type = &weir_bool_type, .out_type = &weir_bool_type, .process = join_window};
    struct weir_window_config window = weir__window_of_join(config);
    window.process = &pairs;
    enum weir_status status = check_functions(config, error);
    return status == WEIR_OK ? weir__window_config_check(&window, &weir_bool_type, error) : status;
}

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    struct window_join *self = WEIR__NEW(struct window_join);
    self->op.ops = &ops;
    self->settings = (const struct join_factory *)factory;
    return &self->op;
}

static void describe(const struct weir__operator_factory *factory, struct weir__buf *json)
{
    const struct weir__operator_factory *window = ((const struct join_factory *)factory)->window;
    window->describe(window, json);
    weir__buf_printf(json, ",\"join\":\"window\"");
}

static void free_factory(struct weir__operator_factory *factory)
{
    struct join_factory *self = (struct join_factory *)factory;
    self->window->free(self->window);
    weir__free(self);
}

static void lay_out(struct join_factory *factory)
{
    size_t end = 0;
    factory->fields[0] = weir__layout_field("right", &weir_bool_type, &end);
    factory->fields[1] = weir__layout_field("left", factory->function.left_type, &end);
    factory->fields[2] = weir__layout_field("right", factory->function.right_type, &end);
    factory->type = (struct weir_type){
        .name = "joined",
        .kind = WEIR_KIND_STRUCT,
        .size = end,
        .fields = factory->fields,
        .field_count = 3,
    };
    const struct weir_type *const kinds[] = {&weir_string_type, &weir_int64_type, &weir_bool_type};
    for (size_t i = 0; i < 3; i++) {
        size_t behind = end;
        factory->keys[i] = weir__layout_field("key", kinds[i], &behind);
    }
}

struct weir__operator_factory *weir__window_join_factory(
    const struct weir_window_join_config *config)
{
    struct join_factory *factory = WEIR__NEW(struct join_factory);
    factory->factory = (struct weir__operator_factory){
        .ops = &ops, .create = create, .describe = describe, .free = free_factory};
    factory->function = *config->function;
    lay_out(factory);
    factory->pairs = (struct weir_window_function){
        .in_type = &factory->type,
        .out_type = factory->function.out_type,
        .process = join_window,
        .user = factory,
    };
    struct weir_window_config window = weir__window_of_join(config);
    window.process = &factory->pairs;
    factory->window = weir__window_factory(&window);
    return &factory->factory;
}
