/*
 * The model's tables: rows, tasks, keys, windows and timers are found or made here. For apply.c
 * alone.
 *
 * Bounds: a table that is full leaves out what is new and counts it (model->left_out); the
 * functions then answer NULL or VIZ_NONE.
 */
#ifndef WEIR_VIZ_TABLES_H
#define WEIR_VIZ_TABLES_H

#include "model.h"

/* The index of the row; made when it is new. */
int32_t viz_row_of(struct viz_model *model, int32_t op, int32_t sub, struct weir_str channel);
struct viz_row *viz_row_at(const struct viz_model *model, int32_t row);
/* An event on a row. */
void viz_row_add(struct viz_model *model, int32_t row, int64_t id, int64_t ts, int32_t key);
/* Tells the rows which key an event has (0: not known), and whether it was late. */
void viz_rows_mark(struct viz_model *model, int64_t id, int32_t key, bool late);

struct viz_task *viz_task_of(struct viz_model *model, int32_t op, int32_t sub);

int32_t viz_key_of(struct viz_model *model, int32_t op, int32_t sub, int32_t name);
/* The window of a key, made when it is new. */
struct viz_window *viz_window_of(struct viz_model *model, int32_t key, int64_t start, int64_t end);
struct viz_window *viz_window_find(struct viz_model *model, int32_t key, int64_t start,
                                   int64_t end);
/* Takes a window out of its key's list. */
void viz_window_remove(struct viz_model *model, int32_t key, struct viz_window *window);
/* Forgets the oldest purged windows of a key but for the last few. */
void viz_windows_trim(struct viz_model *model, int32_t key);

void viz_timer_add(struct viz_model *model, int32_t key, int64_t ts, bool processing);
void viz_timer_remove(struct viz_model *model, int32_t key, int64_t ts, bool processing);

#endif
