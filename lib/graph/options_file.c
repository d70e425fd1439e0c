/*
 * The --config file: properties (base/properties.h) that may be any option's.
 */
#include "base/mem.h"
#include "base/properties.h"
#include "graph/options.h"

#include <string.h>

void weir__options_read_properties(struct weir__options *options, const char *option,
                                   const char *path, struct weir__vec *properties)
{
    struct weir_error error = {0};
    char *text = NULL;
    *properties = WEIR__VEC_OF(struct weir__property);
    enum weir_status status = weir__properties_load(path, &text, properties, &error);
    if (text != NULL) {
        weir__vec_push(&options->texts, &text);
    }
    if (status != WEIR_OK) {
        weir__options_mistake(options, "%s: %s", status == WEIR_MALFORMED ? error.where : option,
                              error.message);
    }
}

void weir__options_load(struct weir__options *options, const char *path)
{
    struct weir__vec properties;
    options->file_name = weir__options_keep(options, path);
    weir__options_read_properties(options, "--config", path, &properties);
    for (size_t i = 0; i < properties.count; i++) {
        const struct weir__property *property = weir__vec_at(&properties, i);
        struct weir__option_line *line = weir__vec_add(&options->file);
        *line = (struct weir__option_line){
            .key = property->key, .value = property->value, .number = property->line};
    }
    weir__vec_fini(&properties);
}

const struct weir__option_line *weir__options_next_property(struct weir__options *options,
                                                            size_t *at)
{
    while (*at < options->file.count) {
        struct weir__option_line *line = weir__vec_at(&options->file, (*at)++);
        if (strchr(line->key, '.') != NULL) {
            line->used = true;
            return line;
        }
    }
    return NULL;
}
