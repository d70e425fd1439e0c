/*
 * Findings as tables. Names come from outside, so they are made safe to print, and stand last where
 * their width would move what follows.
 */
#include "base/escape.h"
#include "checkpoint/findings.h"

#include <weir/time.h>

#include <inttypes.h>
#include <stdio.h>

enum { NAME_BYTES = 200, TIME_BYTES = 40 };

struct name {
    char text[NAME_BYTES];
};

static struct name printable(const char *text)
{
    struct name name = {""};
    weir__printable(weir_str_from(text), name.text, sizeof(name.text));
    return name;
}

void print_list(const struct weir__vec *findings)
{
    printf("%6s  %-10s  %-24s  %9s  %12s  %-7s  %s\n", "ID", "KIND", "TIME", "OPERATORS", "BYTES",
           "STATE", "PATH");
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = finding_at(findings, i);
        const char *state = finding->damage.code == WEIR_OK ? "ok" : "damaged";
        char time[TIME_BYTES];
        printf("%6" PRId64 "  %-10s", finding->id, finding_kind(finding));
        if (finding->readable) {
            weir_time_format(finding->checkpoint.job.timestamp_ms, time, sizeof(time));
            printf("  %-24s  %9" PRId64 "  %12" PRId64, time, finding_operators(finding),
                   weir__checkpoint_size(&finding->checkpoint));
        } else {
            printf("  %-24s  %9s  %12s", "-", "-", "-");
        }
        printf("  %-7s  %s\n", state, printable(finding->path).text);
    }
}

static void print_entries(const struct weir__checkpoint *checkpoint)
{
    printf("\n%9s  %10s  %12s  %8s  %s\n", "SUBTASK", "KEY GROUPS", "BYTES", "CHECKSUM",
           "OPERATOR");
    for (size_t i = 0; i < checkpoint->entries.count; i++) {
        const struct weir__checkpoint_entry *entry = weir__checkpoint_entry(checkpoint, i);
        char subtask[24];
        snprintf(subtask, sizeof(subtask), "%d of %d", entry->subtask, entry->parallelism);
        printf("%9s  %10d  %12" PRIu32 "  %08" PRIx32 "  %s (%s)\n", subtask,
               entry->max_parallelism, entry->bytes.len, entry->checksum,
               printable(entry->operator_name).text, printable(entry->operator_id).text);
    }
}

static void print_attachments(const struct weir__checkpoint *checkpoint)
{
    printf("\n%12s  %8s  %s\n", "BYTES", "CHECKSUM", "ATTACHMENT");
    for (size_t i = 0; i < checkpoint->attachments.count; i++) {
        const struct weir__checkpoint_attachment *attachment =
            weir__checkpoint_attachment(checkpoint, i);
        printf("%12" PRId64 "  %08" PRIx32 "  %s\n", attachment->size, attachment->checksum,
               printable(attachment->name).text);
    }
}

void print_details(const struct finding *finding)
{
    const struct weir__checkpoint *checkpoint = &finding->checkpoint;
    char time[TIME_BYTES];
    printf("%s %" PRId64 "\n", finding_kind(finding), finding->id);
    printf("  path       %s\n", printable(finding->path).text);
    if (finding->readable) {
        weir_time_format(checkpoint->job.timestamp_ms, time, sizeof(time));
        printf("  job        %s (%s)\n", printable(checkpoint->job.name).text,
               printable(checkpoint->job.id).text);
        printf("  time       %s\n", time);
        printf("  mode       %s\n",
               checkpoint->job.exactly_once ? "exactly once" : "at least once");
        printf("  operators  %" PRId64 "\n", finding_operators(finding));
        printf("  bytes      %" PRId64 "\n", weir__checkpoint_size(checkpoint));
    }
    printf("  state      %s\n", finding->damage.code == WEIR_OK ? "ok" : "damaged");
    if (checkpoint->entries.count > 0) {
        print_entries(checkpoint);
    }
    if (checkpoint->attachments.count > 0) {
        print_attachments(checkpoint);
    }
}

void print_verdicts(const struct weir__vec *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = finding_at(findings, i);
        printf("%s: %s\n", printable(finding->path).text,
               finding->damage.code == WEIR_OK ? "ok" : "damaged");
    }
}
