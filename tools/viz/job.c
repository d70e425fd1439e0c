/*
 * Reading a job: a list of operators, each with members of its own and with "settings" of the
 * windows or watermarks that it makes.
 */
#include "job.h"

#include "base/mem.h"
#include "trace/scan.h"

enum { OPERATORS_MAX = 256 };

/* The next value as a number when it is one; else it is stepped over. */
static int64_t read_number(struct weir__scan *scan)
{
    struct weir_str raw = weir__scan_skip(scan);
    struct weir__scan value = weir__scan_of((char *)raw.data, raw.len);
    int64_t number = weir__scan_int(&value);
    return weir__scan_done(&value) ? number : 0;
}

static int32_t read_name(struct viz_model *model, struct weir__scan *scan)
{
    struct weir_str raw = weir__scan_skip(scan);
    struct weir__scan value = weir__scan_of((char *)raw.data, raw.len);
    struct weir_str text = weir__scan_string(&value);
    return weir__scan_done(&value) ? viz_name_of(model->names, text) : 0;
}

static bool read_bool_text(struct weir__scan *scan, const char *expected)
{
    struct weir_str raw = weir__scan_skip(scan);
    struct weir__scan value = weir__scan_of((char *)raw.data, raw.len);
    return weir_str_equals(weir__scan_string(&value), expected);
}

static void read_settings(struct viz_model *model, struct weir__scan *scan,
                          struct viz_operator *node)
{
    const struct {
        const char *name;
        int64_t *to;
    } numbers[] = {
        {"size", &node->size},
        {"slide", &node->slide},
        {"offset", &node->offset},
        {"gap", &node->gap},
        {"lateness", &node->lateness},
        {"bound", &node->bound},
        {"idle-timeout", &node->idle_timeout},
    };
    struct weir_str name;
    weir__scan_open(scan, '{');
    while (weir__scan_member(scan, &name)) {
        if (weir_str_equals(name, "window")) {
            node->assigner = read_name(model, scan);
        } else if (weir_str_equals(name, "trigger")) {
            node->trigger = read_name(model, scan);
        } else if (weir_str_equals(name, "watermark")) {
            node->strategy = read_name(model, scan);
        } else if (weir_str_equals(name, "domain")) {
            node->processing = read_bool_text(scan, "processing");
        } else {
            int64_t *to = NULL;
            for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
                to = weir_str_equals(name, numbers[i].name) ? numbers[i].to : to;
            }
            int64_t number = read_number(scan);
            if (to != NULL && number >= 0) {
                *to = number;
            }
        }
    }
}

static void read_operator(struct viz_model *model, struct weir__scan *scan)
{
    struct viz_operator node = {.id = VIZ_NONE};
    struct weir_str name;
    weir__scan_open(scan, '{');
    while (weir__scan_member(scan, &name)) {
        if (weir_str_equals(name, "id")) {
            node.id = (int32_t)read_number(scan);
        } else if (weir_str_equals(name, "name")) {
            node.name = read_name(model, scan);
        } else if (weir_str_equals(name, "parallelism")) {
            node.parallelism = (int32_t)read_number(scan);
        } else if (weir_str_equals(name, "settings")) {
            struct weir_str raw = weir__scan_skip(scan);
            struct weir__scan settings = weir__scan_of((char *)raw.data, raw.len);
            read_settings(model, &settings, &node);
        } else {
            weir__scan_skip(scan);
        }
    }
    if (!scan->failed && model->operators.count < OPERATORS_MAX) {
        weir__vec_push(&model->operators, &node);
    }
}

void viz_job_read(struct viz_model *model, struct weir_str json)
{
    char *copy = weir__memdup(json.data, json.len);
    struct weir__scan scan = weir__scan_of(copy, json.len);
    struct weir_str name;
    weir__vec_clear(&model->operators);
    weir__scan_open(&scan, '{');
    while (weir__scan_member(&scan, &name)) {
        if (weir_str_equals(name, "name")) {
            model->job_name = read_name(model, &scan);
        } else if (weir_str_equals(name, "operators")) {
            struct weir_str raw = weir__scan_skip(&scan);
            struct weir__scan list = weir__scan_of((char *)raw.data, raw.len);
            weir__scan_open(&list, '[');
            while (weir__scan_element(&list)) {
                read_operator(model, &list);
            }
        } else {
            weir__scan_skip(&scan);
        }
    }
    weir__free(copy);
}
