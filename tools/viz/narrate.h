/*
 * What happened, why, and what follows, in words computed from the rule that applied. The words may
 * hold text from the trace: show them through a grid or escaped.
 */
#ifndef WEIR_VIZ_NARRATE_H
#define WEIR_VIZ_NARRATE_H

#include "text.h"

enum { VIZ_WORDS_MAX = 400 };

struct viz_words {
    char now[VIZ_WORDS_MAX];
    char why[VIZ_WORDS_MAX];
    char so[VIZ_WORDS_MAX];
};

/* Tells a happening, usually the model's own (model->now). */
void viz_narrate(const struct viz_model *model, const struct viz_happening *now,
                 struct viz_words *words);
/* Tells a window: its state, the rule, and what comes next for it. */
void viz_explain_window(const struct viz_model *model, int32_t key, const struct viz_window *window,
                        struct viz_words *words);
/* A short name of the kind: "FIRE". */
const char *viz_kind_name(enum viz_kind kind);

#endif
