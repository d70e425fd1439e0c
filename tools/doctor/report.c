#include "doctor/doctor.h"

#include <jansson.h>

#include <string.h>

static const char *const state_words[] = {
    [FINDING_OK] = "ok",
    [FINDING_NOTE] = "note",
    [FINDING_MISSING] = "missing",
};

/* Green, yellow, red: the word says it too, the colour only helps. */
static const char *const state_colours[] = {
    [FINDING_OK] = "\033[32m",
    [FINDING_NOTE] = "\033[33m",
    [FINDING_MISSING] = "\033[31m",
};

struct finding *report_add(struct report *report, const char *section, const char *name,
                           enum finding_state state)
{
    struct finding *finding = weir__vec_add(&report->findings);
    *finding = (struct finding){.section = section, .name = name, .state = state};
    return finding;
}

static const struct finding *finding_at(const struct report *report, size_t index)
{
    return weir__vec_at(&report->findings, index);
}

bool report_is_healthy(const struct report *report)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        if (finding_at(report, i)->state == FINDING_MISSING) {
            return false;
        }
    }
    return true;
}

static int widest_name(const struct report *report)
{
    size_t widest = 0;
    for (size_t i = 0; i < report->findings.count; i++) {
        size_t width = strlen(finding_at(report, i)->name);
        widest = width > widest ? width : widest;
    }
    return (int)widest;
}

static void print_finding(const struct finding *finding, FILE *out, int name_width, bool colour)
{
    fprintf(out, "  %-*s  %s%-7s%s  %s", name_width, finding->name,
            colour ? state_colours[finding->state] : "", state_words[finding->state],
            colour ? "\033[0m" : "", finding->found);
    if (finding->fix[0] != '\0') {
        fprintf(out, "\n  %*s           -> %s", name_width, "", finding->fix);
    }
    fputc('\n', out);
}

void report_print(const struct report *report, FILE *out, bool colour)
{
    const char *section = "";
    int name_width = widest_name(report);
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *finding = finding_at(report, i);
        if (strcmp(finding->section, section) != 0) {
            fprintf(out, "%s%s\n", i > 0 ? "\n" : "", finding->section);
            section = finding->section;
        }
        print_finding(finding, out, name_width, colour);
    }
    fputs(report_is_healthy(report) ? "\nEverything that is required is here.\n"
                                    : "\nSomething that is required is missing.\n",
          out);
}

void report_print_json(const struct report *report, FILE *out)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *finding = finding_at(report, i);
        json_array_append_new(findings,
                              json_pack("{s:s, s:s, s:s, s:s, s:s?}", "section", finding->section,
                                        "name", finding->name, "state", state_words[finding->state],
                                        "found", finding->found, "fix",
                                        finding->fix[0] != '\0' ? finding->fix : NULL));
    }
    json_t *document =
        json_pack("{s:b, s:o}", "ok", report_is_healthy(report), "findings", findings);
    json_dumpf(document, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(document);
}
