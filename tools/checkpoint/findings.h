/*
 * What `weir checkpoint` finds in a directory: checkpoints and savepoints, each read to its last
 * byte and found whole or damaged.
 */
#ifndef WEIR_TOOLS_CHECKPOINT_FINDINGS_H
#define WEIR_TOOLS_CHECKPOINT_FINDINGS_H

#include "runtime/checkpoint_store.h"

struct finding {
    int64_t id;
    enum weir__checkpoint_kind kind;
    char *path;
    bool readable;                      /* its metadata */
    struct weir__checkpoint checkpoint; /* when readable; entries without their bytes */
    struct weir_error damage;           /* code WEIR_OK: there is none */
};

/*
 * Those in `directory`, oldest first; or the directory itself, when it is one. *findings is
 * initialised here, of struct finding. With `last` only the newest. Errors: WEIR_NOT_FOUND, there
 * is none; WEIR_IO.
 */
WEIR_MUST_USE enum weir_status findings_look(const char *directory, bool last,
                                             struct weir__vec *findings, struct weir_error *error);
void findings_fini(struct weir__vec *findings);

static inline const struct finding *finding_at(const struct weir__vec *findings, size_t i)
{
    return weir__vec_at(findings, i);
}
/* Distinct ones among the entries. */
int64_t finding_operators(const struct finding *finding);
const char *finding_kind(const struct finding *finding);

/* ---- what is shown ---- */

void print_list(const struct weir__vec *findings);
void print_details(const struct finding *finding);
/* One line each. */
void print_verdicts(const struct weir__vec *findings);
void print_list_json(const struct weir__vec *findings);
void print_details_json(const struct finding *finding);

#endif
