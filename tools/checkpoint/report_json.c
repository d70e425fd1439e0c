/*
 * Findings as JSON, written by the library from descriptors.
 */
#include "base/mem.h"
#include "checkpoint/findings.h"

#include <weir/type.h>

#include <stdio.h>

#define ENTRY_FIELDS(F, T)                                                                         \
    F(T, string, operator_id, "operator_id", required)                                             \
    F(T, string, name, "name", required)                                                           \
    F(T, int64, subtask, "subtask", required)                                                      \
    F(T, int64, parallelism, "parallelism", required)                                              \
    F(T, int64, max_parallelism, "max_parallelism", required)                                      \
    F(T, int64, bytes, "bytes", required)                                                          \
    F(T, int64, checksum, "checksum", required)
WEIR_DECLARE_TYPE(entry_report, ENTRY_FIELDS);
WEIR_DEFINE_TYPE(entry_report, ENTRY_FIELDS);

#define ATTACHMENT_FIELDS(F, T)                                                                    \
    F(T, string, name, "name", required)                                                           \
    F(T, int64, bytes, "bytes", required)                                                          \
    F(T, int64, checksum, "checksum", required)
WEIR_DECLARE_TYPE(attachment_report, ATTACHMENT_FIELDS);
WEIR_DEFINE_TYPE(attachment_report, ATTACHMENT_FIELDS);

#define SUMMARY_FIELDS(F, T)                                                                       \
    F(T, int64, id, "id", required)                                                                \
    F(T, string, kind, "kind", required)                                                           \
    F(T, string, path, "path", required)                                                           \
    F(T, string, state, "state", required)                                                         \
    F(T, string, file, "file", nullable)                                                           \
    F(T, string, damage, "damage", nullable)                                                       \
    F(T, string, job, "job", nullable)                                                             \
    F(T, string, job_id, "job_id", nullable)                                                       \
    F(T, int64, timestamp, "timestamp", required)                                                  \
    F(T, boolean, exactly_once, "exactly_once", required)                                          \
    F(T, int64, operators, "operators", required)                                                  \
    F(T, int64, bytes, "bytes", required)
WEIR_DECLARE_TYPE(summary, SUMMARY_FIELDS);
WEIR_DEFINE_TYPE(summary, SUMMARY_FIELDS);

#define LISTING_FIELDS(F, T) F(T, list, checkpoints, "checkpoints", required, summary)
WEIR_DECLARE_TYPE(listing, LISTING_FIELDS);
WEIR_DEFINE_TYPE(listing, LISTING_FIELDS);

#define DETAILS_FIELDS(F, T)                                                                       \
    F(T, structure, checkpoint, "checkpoint", required, summary)                                   \
    F(T, list, entries, "entries", required, entry_report)                                         \
    F(T, list, attachments, "attachments", required, attachment_report)
WEIR_DECLARE_TYPE(details, DETAILS_FIELDS);
WEIR_DEFINE_TYPE(details, DETAILS_FIELDS);

/* Borrows from the finding. */
static struct summary summary_of(const struct finding *finding)
{
    bool ok = finding->damage.code == WEIR_OK;
    const struct weir__checkpoint *checkpoint = &finding->checkpoint;
    return (struct summary){
        .id = finding->id,
        .kind = weir_str_from(finding_kind(finding)),
        .path = weir_str_from(finding->path),
        .state = ok ? WEIR_STR("ok") : WEIR_STR("damaged"),
        .file = weir_str_from(ok ? NULL : finding->damage.where),
        .damage = weir_str_from(ok ? NULL : finding->damage.message),
        .job = weir_str_from(checkpoint->job.name),
        .job_id = weir_str_from(checkpoint->job.id),
        .timestamp = checkpoint->job.timestamp_ms,
        .exactly_once = checkpoint->job.exactly_once,
        .operators = finding_operators(finding),
        .bytes = weir__checkpoint_size(checkpoint),
    };
}

static void print_json(const struct weir_type *type, const void *value)
{
    size_t size = weir_value_to_json(type, value, NULL, 0) + 1;
    char *json = weir__alloc(size);
    (void)weir_value_to_json(type, value, json, size);
    puts(json);
    weir__free(json);
}

void print_list_json(const struct weir__vec *findings)
{
    struct listing listing = {0};
    for (size_t i = 0; i < findings->count; i++) {
        struct summary summary = summary_of(finding_at(findings, i));
        weir_list_append(&listing.checkpoints, &summary_type, &summary);
    }
    print_json(&listing_type, &listing);
    weir_list_clear(&listing.checkpoints, &summary_type);
}

static void add_entries(const struct weir__checkpoint *checkpoint, struct weir_list *list)
{
    for (size_t i = 0; i < checkpoint->entries.count; i++) {
        const struct weir__checkpoint_entry *entry = weir__checkpoint_entry(checkpoint, i);
        struct entry_report report = {
            .operator_id = weir_str_from(entry->operator_id),
            .name = weir_str_from(entry->operator_name),
            .subtask = entry->subtask,
            .parallelism = entry->parallelism,
            .max_parallelism = entry->max_parallelism,
            .bytes = entry->bytes.len,
            .checksum = entry->checksum,
        };
        weir_list_append(list, &entry_report_type, &report);
    }
}

static void add_attachments(const struct weir__checkpoint *checkpoint, struct weir_list *list)
{
    for (size_t i = 0; i < checkpoint->attachments.count; i++) {
        const struct weir__checkpoint_attachment *attachment =
            weir__checkpoint_attachment(checkpoint, i);
        struct attachment_report report = {.name = weir_str_from(attachment->name),
                                           .bytes = attachment->size,
                                           .checksum = attachment->checksum};
        weir_list_append(list, &attachment_report_type, &report);
    }
}

void print_details_json(const struct finding *finding)
{
    struct details details = {.checkpoint = summary_of(finding)};
    add_entries(&finding->checkpoint, &details.entries);
    add_attachments(&finding->checkpoint, &details.attachments);
    print_json(&details_type, &details);
    weir_list_clear(&details.entries, &entry_report_type);
    weir_list_clear(&details.attachments, &attachment_report_type);
}
