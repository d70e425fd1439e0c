/* Results as JSON lines. */
#include "lab/output.h"

#include "base/mem.h"
#include "lab/json_text.h"
#include "types/json_print.h"

#include <stdio.h>
#include <stdlib.h>

static int by_arrival(const void *a, const void *b)
{
    const struct lab_element *left = *(const struct lab_element *const *)a;
    const struct lab_element *right = *(const struct lab_element *const *)b;
    return (left->seq > right->seq) - (left->seq < right->seq);
}

static void put_list(struct weir__buf *out, const struct weir_list *list)
{
    const struct lab_element **sorted = weir__calloc(list->count + 1, sizeof(*sorted));
    for (uint32_t i = 0; i < list->count; i++) {
        sorted[i] = weir_list_at(list, &lab_element_type, i);
    }
    qsort(sorted, list->count, sizeof(*sorted), by_arrival);
    weir__buf_put_u8(out, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        weir__buf_put(out, ",", i > 0);
        weir__buf_put(out, sorted[i]->text.data, sorted[i]->text.len);
    }
    weir__buf_put_u8(out, ']');
    weir__free(sorted);
}

void lab_put_value(struct weir__buf *out, const struct lab_result *result)
{
    switch ((enum lab_form)result->form) {
    case LAB_FORM_NULL:
        weir__buf_put(out, "null", 4);
        break;
    case LAB_FORM_INTEGER:
        weir__buf_printf(out, "%lld", (long long)result->integer);
        break;
    case LAB_FORM_REAL:
        weir__json_print_double(result->number, out);
        break;
    case LAB_FORM_TEXT:
        weir__buf_put(out, result->text.data, result->text.len);
        break;
    case LAB_FORM_LIST:
        put_list(out, &result->list);
        break;
    }
}

static void end_line(struct lab_output *output)
{
    weir__buf_put_u8(&output->line, '\n');
    fwrite(output->line.data, 1, output->line.len, stdout);
    output->line.len = 0;
}

static void put_time(struct lab_output *output, int64_t timestamp)
{
    if (timestamp == WEIR_TIME_MIN) {
        weir__buf_printf(&output->line, "null");
    } else {
        weir__buf_printf(&output->line, "%lld", (long long)timestamp);
    }
}

void lab_write_result(struct lab_output *output, const struct lab_result *result, int64_t timestamp)
{
    struct weir__buf *line = &output->line;
    output->results++;
    weir__buf_printf(line, "{\"key\":");
    lab_put_key_json(line, result->key);
    if (result->global) {
        weir__buf_printf(line, ",\"window\":null");
    } else {
        weir__buf_printf(line, ",\"window\":{\"start\":%lld,\"end\":%lld}",
                         (long long)result->window_start, (long long)result->window_end);
    }
    weir__buf_printf(line, ",\"value\":");
    lab_put_value(line, result);
    weir__buf_printf(line, ",\"ts\":");
    put_time(output, output->no_time ? WEIR_TIME_MIN : timestamp);
    weir__buf_put_u8(line, '}');
    end_line(output);
}

void lab_write_late(struct lab_output *output, const struct lab_event *event, int64_t timestamp)
{
    struct weir__buf *line = &output->line;
    output->late++;
    weir__buf_printf(line, "{\"late\":{\"key\":");
    lab_put_key_json(line, event->key);
    weir__buf_printf(
        line, ",\"value\":%.*s,\"ts\":",
        WEIR_STR_ARG(weir_str_is_null(event->value) ? WEIR_STR("null") : event->value));
    put_time(output, timestamp);
    weir__buf_printf(line, "}}");
    end_line(output);
}

void lab_write_watermark(struct lab_output *output, int64_t watermark)
{
    weir__buf_printf(&output->line, "{\"watermark\":%lld}", (long long)watermark);
    end_line(output);
}

void lab_write_mark(struct lab_output *output, struct weir_str json)
{
    weir__buf_printf(&output->line, "{\"mark\":%.*s}", WEIR_STR_ARG(json));
    end_line(output);
}
