/*
 * Between the files that apply events: the happening that is being noted, and the part of windows.
 */
#ifndef WEIR_VIZ_APPLY_H
#define WEIR_VIZ_APPLY_H

#include "tables.h"

typedef const struct weir__trace_event *viz_event;

bool viz_is_action(viz_event event, const char *action);
/* The event is about the window of the happening. */
bool viz_same_window(const struct viz_happening *now, viz_event event);
/* Begins a happening: the event's operator, and nothing else yet. */
void viz_begin(struct viz_model *model, enum viz_kind kind, viz_event event);
/* The watermark of the event's operator. */
int64_t viz_watermark_of(struct viz_model *model, viz_event event);
/* Into a fixed text; what does not fit whole is cut between characters, or left out. */
void viz_keep_text(char *to, size_t size, struct weir_str text, bool whole);

/* `new`: the event begins a happening. */
void viz_apply_window(struct viz_model *model, viz_event event, bool new);
void viz_apply_result(struct viz_model *model, viz_event event);
void viz_apply_timer(struct viz_model *model, viz_event event);

#endif
