/*
 * Runs an aggregate by its functions alone, as the window operator does: create, add, merge,
 * result.
 *
 * What the operator relies on is checked here and said as a fault: a part that was merged into
 * another is unchanged (a slice is merged into several windows), an event is unchanged, and a
 * result can be asked for twice (a window may fire again).
 */
#include "runner.h"

#include "base/mem.h"

#include <weir/window.h>

struct run {
    const struct weir_aggregate *aggregate;
    struct weir__vec parts; /* void *: accumulators, owned */
    struct weir__buf *reply;
};

static void *new_accumulator(const struct weir_aggregate *aggregate)
{
    const struct weir_type *type = aggregate->accumulator_type;
    void *accumulator = weir__alloc(type->size);
    weir_value_init(type, accumulator);
    if (aggregate->create != NULL) {
        aggregate->create(accumulator, aggregate->user);
    }
    return accumulator;
}

static bool is_runnable(const struct weir_aggregate *aggregate, struct weir__buf *reply)
{
    if (aggregate->accumulator_type == NULL || aggregate->out_type == NULL ||
        aggregate->in_type == NULL) {
        grading_fault(reply, "the aggregate lacks one of in_type, accumulator_type, out_type");
        return false;
    }
    if (aggregate->add == NULL || aggregate->merge == NULL || aggregate->result == NULL) {
        grading_fault(reply, "the aggregate lacks one of the functions add, merge, result");
        return false;
    }
    return true;
}

static void *new_part(struct run *run)
{
    void *part = new_accumulator(run->aggregate);
    weir__vec_push(&run->parts, &part);
    return part;
}

/* The event that is added lives only as long as the call. */
static void add_event(struct run *run, void *part, const struct grading_stream *stream,
                      const struct grading_step *step)
{
    void *event = weir__alloc(stream->type->size);
    weir_value_copy(stream->type, event, step->value);
    run->aggregate->add(part, event, step->timestamp, run->aggregate->user);
    if (!weir_value_equals(stream->type, event, step->value)) {
        grading_fault(run->reply, "add changed the event, which is only lent to it");
    }
    grading_value_free(stream->type, event);
}

static void add_events(struct run *run, const struct grading_stream *stream)
{
    void *part = new_part(run);
    for (size_t i = 0; i < stream->steps.count; i++) {
        const struct grading_step *step = grading_stream_at(stream, i);
        switch (step->kind) {
        case GRADING_PART:
            part = new_part(run);
            break;
        case GRADING_EVENT:
            add_event(run, part, stream, step);
            break;
        }
    }
}

static void merge_one(struct run *run, void *total, const void *part)
{
    const struct weir_type *type = run->aggregate->accumulator_type;
    void *before = weir__alloc(type->size);
    weir_value_copy(type, before, part);
    run->aggregate->merge(total, part, run->aggregate->user);
    if (!weir_value_equals(type, before, part)) {
        grading_fault(run->reply,
                      "merge changed the accumulator that it reads (other): it is needed again");
    }
    grading_value_free(type, before);
}

/* Merges all parts into the first, or into a fresh one, which then becomes the first. */
static void *merge_parts(struct run *run, bool fresh)
{
    if (fresh) {
        void *total = new_part(run);
        void **parts = run->parts.items;
        void *first = parts[0];
        parts[0] = total;
        parts[run->parts.count - 1] = first;
    }
    void *total = *(void **)weir__vec_at(&run->parts, 0);
    for (size_t i = 1; i < run->parts.count; i++) {
        merge_one(run, total, *(void **)weir__vec_at(&run->parts, i));
    }
    return total;
}

static void *call_result(struct run *run, const void *total,
                         const struct weir_window_context *context)
{
    void *out = weir__calloc(1, run->aggregate->out_type->size);
    run->aggregate->result(total, context, out, run->aggregate->user);
    return out;
}

static void send_result(struct run *run, const void *total, const struct grading_stream *stream)
{
    struct weir_str key = weir_str_from(grading_stream_setting(stream, "key"));
    struct weir_window_context context = {
        .window = {grading_stream_setting_int(stream, "window_start"),
                   grading_stream_setting_int(stream, "window_end")},
        .key_type = &weir_string_type,
        .key = &key,
        .watermark = grading_stream_setting_int(stream, "window_end") - 1,
    };
    const struct weir_type *type = run->aggregate->out_type;
    void *out = call_result(run, total, &context);
    void *again = call_result(run, total, &context);
    grading_result(run->reply, type, out);
    if (!weir_value_equals(type, out, again)) {
        grading_fault(
            run->reply,
            "a second call of result gives something else: it must not change the accumulator");
    }
    weir__free(out); /* an out value owns nothing: it may borrow from the accumulator */
    weir__free(again);
}

void grading_run_aggregate(const struct grading_stream *stream, const void *what,
                           struct weir__buf *reply)
{
    struct run run = {.aggregate = what, .parts = WEIR__VEC_OF(void *), .reply = reply};
    if (!is_runnable(run.aggregate, reply)) {
        return;
    }
    add_events(&run, stream);
    send_result(&run, merge_parts(&run, grading_stream_setting_int(stream, "fresh") == 1), stream);
    for (size_t i = 0; i < run.parts.count; i++) {
        grading_value_free(run.aggregate->accumulator_type, *(void **)weir__vec_at(&run.parts, i));
    }
    weir__vec_fini(&run.parts);
}
