/*
 * <weir/connect.h>: the joins.
 */
#include "operator/join.h"
#include "base/mem.h"
#include "graph/connect.h"

#include <string.h>

static bool mistake(const weir_connected_stream *in, const char *name, const char *text)
{
    weir__env_mistake(in->both.env, WEIR_INVALID, name, "%s", text);
    return false;
}

static const char *name_of(const char *name, const struct weir_join_function *function,
                           const char *kind)
{
    if (name != NULL && name[0] != '\0') {
        return name;
    }
    return function != NULL && function->name != NULL && function->name[0] != '\0' ? function->name
                                                                                   : kind;
}

static bool check_function(const weir_connected_stream *in, const char *name,
                           const struct weir_join_function *function)
{
    if (function == NULL || function->join == NULL) {
        return mistake(in, name, "its join function is NULL");
    }
    if (function->out_type == NULL) {
        return mistake(in, name, "its output type is NULL: say which type it emits");
    }
    return true;
}

/* A join function that names no types takes what comes. */
static struct weir_join_function with_types(const struct weir_join_function *function,
                                            const weir_connected_stream *in)
{
    struct weir_join_function typed = *function;
    typed.left_type = in->both.type;
    typed.right_type = in->second_type;
    return typed;
}

static bool usable(const weir_connected_stream *in, const char *name,
                   const struct weir_join_function *function)
{
    return weir__connected_usable(in, name, function != NULL ? function->left_type : NULL,
                                  function != NULL ? function->right_type : NULL) &&
           check_function(in, name, function);
}

/* ---- interval join ---- */

static bool check_late(const weir_connected_stream *in, const char *name,
                       const struct weir_output_tag *tag, const struct weir_type *type)
{
    if (tag != NULL && tag->type != NULL && tag->type != type) {
        weir__env_mistake(in->both.env, WEIR_MISMATCH, name,
                          "late output \"%s\" has type %s; late events are as they came: %s",
                          tag->name, tag->type->name, type->name);
        return false;
    }
    return true;
}

static bool check_interval(const weir_connected_stream *in, const char *name,
                           const struct weir_interval_join_config *config)
{
    if (config->lower_ms > config->upper_ms) {
        weir__env_mistake(in->both.env, WEIR_INVALID, name,
                          "its lower bound (%lld ms) is above its upper bound (%lld ms)",
                          (long long)config->lower_ms, (long long)config->upper_ms);
        return false;
    }
    if ((config->lower_exclusive && config->lower_ms == WEIR_TIME_MAX) ||
        (config->upper_exclusive && config->upper_ms == WEIR_TIME_MIN)) {
        return mistake(in, name, "a bound at the end of time cannot be exclusive");
    }
    const struct weir_output_tag *left = config->late_left;
    const struct weir_output_tag *right = config->late_right;
    if (left != NULL && right != NULL && strcmp(left->name, right->name) == 0 &&
        in->both.type != in->second_type) {
        return mistake(in, name, "its two late outputs have one name, but different types");
    }
    return check_late(in, name, left, in->both.type) &&
           check_late(in, name, right, in->second_type);
}

static char *describe_interval(const struct weir_interval_join_config *config)
{
    char lower[24];
    char upper[24];
    weir_duration_format(config->lower_ms, lower, sizeof(lower));
    weir_duration_format(config->upper_ms, upper, sizeof(upper));
    return weir__asprintf("right - left from %s%s to %s%s", lower,
                          config->lower_exclusive ? " (exclusive)" : "", upper,
                          config->upper_exclusive ? " (exclusive)" : "");
}

weir_stream *weir_interval_join(weir_keyed_stream *left, weir_keyed_stream *right,
                                const struct weir_interval_join_config *config)
{
    static const struct weir_interval_join_config nothing = {0};
    struct weir_interval_join_config given = config != NULL ? *config : nothing;
    const char *name = name_of(given.name, given.function, "IntervalJoin");
    weir_connected_stream *in = weir__connect_keyed(left, right, name);
    if (!usable(in, name, given.function) || !check_interval(in, name, &given)) {
        return weir__connected_dead_end(in);
    }
    struct weir_join_function function = with_types(given.function, in);
    given.function = &function;
    struct weir__transformation *transformation =
        weir__connected_add(in, &(struct weir__step){name, weir__interval_join_factory(&given),
                                                     in->both.type, function.out_type});
    if (given.late_left != NULL) {
        weir__transformation_side(transformation, given.late_left->name, in->both.type);
    }
    if (given.late_right != NULL) {
        weir__transformation_side(transformation, given.late_right->name, in->second_type);
    }
    transformation->about = describe_interval(&given);
    return weir__transformation_stream(in->both.env, transformation);
}

/* ---- window join ---- */

weir_stream *weir_window_join(weir_keyed_stream *left, weir_keyed_stream *right,
                              const struct weir_window_join_config *config)
{
    static const struct weir_window_join_config nothing = {0};
    struct weir_window_join_config given = config != NULL ? *config : nothing;
    const char *name = name_of(given.name, given.function, "WindowJoin");
    weir_connected_stream *in = weir__connect_keyed(left, right, name);
    if (!usable(in, name, given.function)) {
        return weir__connected_dead_end(in);
    }
    struct weir_error error = {0};
    if (weir__window_join_check(&given, &error) != WEIR_OK) {
        weir__env_mistake(in->both.env, error.code, name, "%s", error.message);
        return weir__connected_dead_end(in);
    }
    struct weir_join_function function = with_types(given.function, in);
    given.function = &function;
    struct weir__transformation *transformation =
        weir__connected_add(in, &(struct weir__step){name, weir__window_join_factory(&given),
                                                     in->both.type, function.out_type});
    struct weir_window_config window = weir__window_of_join(&given);
    transformation->about = weir__describe_window(&window);
    return weir__transformation_stream(in->both.env, transformation);
}
