/*
 * Looking for checkpoints (see findings.h).
 */
#include "checkpoint/findings.h"

#include "base/mem.h"

static struct weir__files *const files = &weir__real_files;

static void add_finding(struct weir__vec *findings, const struct weir__checkpoint_place *place)
{
    struct finding *finding = weir__vec_add(findings);
    *finding =
        (struct finding){.id = place->id, .kind = place->kind, .path = weir__strdup(place->path)};
    finding->readable = weir__checkpoint_load_metadata(files, place->path, &finding->checkpoint,
                                                       &finding->damage) == WEIR_OK;
    if (finding->readable) {
        finding->id = finding->checkpoint.id;
        finding->kind = finding->checkpoint.kind;
        enum weir_status status = weir__checkpoint_verify(files, place->path, &finding->damage);
        finding->damage.code = status;
    }
}

/* Has it one of the files that make a checkpoint? */
static bool is_checkpoint(const char *directory)
{
    char *metadata = weir__asprintf("%s/%s", directory, WEIR__CHECKPOINT_METADATA);
    char *state = weir__asprintf("%s/%s", directory, WEIR__CHECKPOINT_STATE);
    bool found = weir__files_exist(files, metadata) || weir__files_exist(files, state);
    weir__free(metadata);
    weir__free(state);
    return found;
}

enum weir_status findings_look(const char *directory, bool last, struct weir__vec *findings,
                               struct weir_error *error)
{
    struct weir__vec places;
    *findings = WEIR__VEC_OF(struct finding);
    enum weir_status status = weir__checkpoint_list(files, directory, &places, error);
    size_t first = last && places.count > 0 ? places.count - 1 : 0;
    for (size_t i = first; i < places.count; i++) {
        add_finding(findings, weir__vec_at(&places, i));
    }
    if (status == WEIR_OK && places.count == 0 && is_checkpoint(directory)) {
        struct weir__checkpoint_place itself = {.path = (char *)directory};
        add_finding(findings, &itself);
    }
    weir__checkpoint_list_fini(&places);
    if (status == WEIR_OK && findings->count == 0) {
        status = weir_error_set(error, WEIR_NOT_FOUND, directory,
                                "expected chk-N or savepoint-N in it, found none. The directory is "
                                "the one that the job was given as --checkpoint-dir");
    }
    return status;
}

void findings_fini(struct weir__vec *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        struct finding *finding = weir__vec_at(findings, i);
        weir__checkpoint_fini(&finding->checkpoint);
        weir__free(finding->path);
    }
    weir__vec_fini(findings);
}

/* Entries of an operator follow each other, but nothing says so: each is compared with those before
 * it. */
int64_t finding_operators(const struct finding *finding)
{
    const struct weir__checkpoint *checkpoint = &finding->checkpoint;
    int64_t count = 0;
    for (size_t i = 0; i < checkpoint->entries.count; i++) {
        const char *id = weir__checkpoint_entry(checkpoint, i)->operator_id;
        size_t before = 0;
        while (before < i &&
               strcmp(weir__checkpoint_entry(checkpoint, before)->operator_id, id) != 0) {
            before++;
        }
        count += before == i;
    }
    return count;
}

const char *finding_kind(const struct finding *finding)
{
    return finding->kind == WEIR__SAVEPOINT ? "savepoint" : "checkpoint";
}
