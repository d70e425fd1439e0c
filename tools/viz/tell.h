/*
 * The narrator's tools and chapters: a teller holds what a sentence is made from, viz_say() appends
 * to a text, and each tell function fills the words for its kind of happening. For narrate.c and
 * the files beside it.
 */
#ifndef WEIR_VIZ_TELL_H
#define WEIR_VIZ_TELL_H

#include "narrate.h"
#include "shape.h"

#include <weir/status.h>

/* Texts that one sentence needs at a time. */
enum { VIZ_TEXTS = 12 };

struct viz_teller {
    const struct viz_model *model;
    const struct viz_happening *now;
    struct viz_shape shape; /* of the windows that it is about */
    enum viz_unit unit;
    char texts[VIZ_TEXTS][VIZ_WINDOW_MAX];
    int used;
};

/* Texts that hold until VIZ_TEXTS more have been made. */
const char *viz_text_time(struct viz_teller *teller, int64_t ms);
const char *viz_text_window(struct viz_teller *teller, int64_t start, int64_t end);
const char *viz_text_duration(struct viz_teller *teller, int64_t ms);
const char *viz_text_count(struct viz_teller *teller, int64_t count);

/* Appends to a text of VIZ_WORDS_MAX bytes. */
void viz_say(char *text, const char *format, ...) WEIR_PRINTF(2, 3);

/* A key's or operator's name, cut when it is long; for "%.*s" with WEIR_STR_ARG. */
struct weir_str viz_short_name(const struct viz_teller *teller, int32_t name);
#define NAME(teller, name) WEIR_STR_ARG(viz_short_name(teller, name))
/* The row of the happening, NULL when it has none; and a row's name. */
const struct viz_row *viz_told_row(const struct viz_teller *teller);
struct weir_str viz_row_name(const struct viz_teller *teller, const struct viz_row *row);

void viz_tell_watermark(struct viz_teller *teller, struct viz_words *words);
void viz_tell_idle(struct viz_teller *teller, struct viz_words *words);
void viz_tell_record(struct viz_teller *teller, struct viz_words *words);
void viz_tell_late(struct viz_teller *teller, struct viz_words *words);
void viz_tell_fire(struct viz_teller *teller, struct viz_words *words);
void viz_tell_late_fire(struct viz_teller *teller, struct viz_words *words);
void viz_tell_purge(struct viz_teller *teller, struct viz_words *words);
void viz_tell_merge(struct viz_teller *teller, struct viz_words *words);
/* A window as it is now. */
void viz_tell_window(struct viz_teller *teller, const struct viz_window *window, int32_t key_name,
                     struct viz_words *words);

#endif
