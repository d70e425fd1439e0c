/* Recorders and their text. */
#include "testkit/recording.h"

#include "base/mem.h"

void weir__recording_init(struct weir__recording *recording)
{
    *recording = (struct weir__recording){.outputs = WEIR__VEC_OF(struct weir_harness_output)};
}

void weir__recording_clear(struct weir__recording *recording)
{
    for (size_t i = 0; i < recording->outputs.count; i++) {
        struct weir_harness_output *output = weir__vec_at(&recording->outputs, i);
        if (output->kind == WEIR_OUT_RECORD) {
            void *value = (void *)output->value; /* ours: const for those who look */
            weir_value_fini(output->type, value);
            weir__free(value);
        }
    }
    weir__vec_clear(&recording->outputs);
}

void weir__recording_fini(struct weir__recording *recording)
{
    weir__recording_clear(recording);
    weir__vec_fini(&recording->outputs);
    weir__buf_fini(&recording->text);
}

/* ---- recorders ---- */

static void add(const struct weir__recorder *recorder, struct weir_harness_output output)
{
    weir__vec_push(&recorder->recording->outputs, &output);
}

static void record(void *self, const struct weir__record *record)
{
    const struct weir__recorder *recorder = self;
    void *copy = weir__alloc(recorder->type->size);
    weir_value_copy(recorder->type, copy, record->value);
    add(recorder, (struct weir_harness_output){.kind = WEIR_OUT_RECORD,
                                               .tag = recorder->tag,
                                               .type = recorder->type,
                                               .value = copy,
                                               .timestamp = record->timestamp,
                                               .trace_id = record->id});
}

/* Side outputs get the same watermarks and idleness: told once is enough. */
static void watermark(void *self, int64_t watermark)
{
    const struct weir__recorder *recorder = self;
    if (recorder->tag == NULL) {
        add(recorder,
            (struct weir_harness_output){.kind = WEIR_OUT_WATERMARK, .timestamp = watermark});
    }
}

static void idle(void *self, bool idle)
{
    const struct weir__recorder *recorder = self;
    if (recorder->tag == NULL) {
        add(recorder, (struct weir_harness_output){.kind = idle ? WEIR_OUT_IDLE : WEIR_OUT_ACTIVE});
    }
}

static const struct weir__receiver_ops recorder_ops = {
    .record = record, .watermark = watermark, .idle = idle};

struct weir__receiver weir__recorder_receiver(struct weir__recorder *recorder)
{
    return (struct weir__receiver){&recorder_ops, recorder};
}

/* ---- text ---- */

static void write_value(struct weir__buf *text, const struct weir_type *type, const void *value)
{
    size_t len = weir_value_to_json(type, value, NULL, 0);
    weir__buf_reserve(text, len + 1);
    weir_value_to_json(type, value, text->data + text->len, len + 1);
    text->len += len;
}

static void write_time(struct weir__buf *text, int64_t time)
{
    if (time == WEIR_TIME_MIN) {
        weir__buf_printf(text, "-");
    } else if (time == WEIR_TIME_MAX) {
        weir__buf_printf(text, "max");
    } else {
        weir__buf_printf(text, "%lld", (long long)time);
    }
}

static void write_output(struct weir__buf *text, const struct weir_harness_output *output)
{
    switch (output->kind) {
    case WEIR_OUT_RECORD:
        if (output->tag != NULL) {
            weir__buf_printf(text, "%s:", output->tag);
        }
        write_value(text, output->type, output->value);
        weir__buf_printf(text, "@");
        write_time(text, output->timestamp);
        break;
    case WEIR_OUT_WATERMARK:
        weir__buf_printf(text, "W");
        write_time(text, output->timestamp);
        break;
    case WEIR_OUT_IDLE:
        weir__buf_printf(text, "idle");
        break;
    case WEIR_OUT_ACTIVE:
        weir__buf_printf(text, "active");
        break;
    }
}

void weir__recording_write(struct weir__recording *recording, const struct weir_error *failure)
{
    struct weir__buf *text = &recording->text;
    text->len = 0;
    for (size_t i = 0; i < recording->outputs.count; i++) {
        weir__buf_printf(text, "%s", text->len > 0 ? " " : "");
        write_output(text, weir__vec_at(&recording->outputs, i));
    }
    if (failure->code != WEIR_OK) {
        weir__buf_printf(text, "%sfailed(%s%s%s)", text->len > 0 ? " " : "", failure->where,
                         failure->where[0] != '\0' ? ": " : "", failure->message);
    }
    weir__buf_printf(text, "%s", ""); /* an empty text ends with a NUL too */
}
