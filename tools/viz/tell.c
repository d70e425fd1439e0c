/* The narrator's tools. */
#include "tell.h"

#include <stdarg.h>
#include <stdio.h>

static char *next_text(struct viz_teller *teller)
{
    return teller->texts[teller->used++ % VIZ_TEXTS];
}

const char *viz_text_time(struct viz_teller *teller, int64_t ms)
{
    return viz_time(teller->unit, ms, next_text(teller));
}

const char *viz_text_window(struct viz_teller *teller, int64_t start, int64_t end)
{
    return viz_window_text(teller->unit, start, end, next_text(teller));
}

const char *viz_text_duration(struct viz_teller *teller, int64_t ms)
{
    return viz_duration(ms, next_text(teller));
}

const char *viz_text_count(struct viz_teller *teller, int64_t count)
{
    return viz_count(count, next_text(teller));
}

void viz_say(char *text, const char *format, ...)
{
    size_t there = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + there, VIZ_WORDS_MAX - there, format, arguments);
    va_end(arguments);
}

/* "%.*s" of a key; long ones are cut. */
enum { KEY_MAX = 28 };
struct weir_str viz_short_name(const struct viz_teller *teller, int32_t name)
{
    struct weir_str text = viz_name(teller->model->names, name);
    if (weir_str_is_null(text)) {
        return WEIR_STR("(no key)");
    }
    text.len = text.len < KEY_MAX ? text.len : KEY_MAX;
    return text;
}

const struct viz_row *viz_told_row(const struct viz_teller *teller)
{
    int32_t row = teller->now->row;
    return row == VIZ_NONE ? NULL : weir__vec_at(&teller->model->rows, (size_t)row);
}

struct weir_str viz_row_name(const struct viz_teller *teller, const struct viz_row *row)
{
    struct weir_str name = viz_name(teller->model->names, row->channel);
    return weir_str_is_null(name) ? WEIR_STR("input") : name;
}
