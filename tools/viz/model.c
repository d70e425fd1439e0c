/* A model's life: made, copied, compared, thrown away; and what it is asked. */
#include "model.h"

#include "base/mem.h"
#include "tables.h"

#include <weir/time.h>

/* Every array of the model, for what is done to all of them. */
enum { VECS = 7 };
static struct weir__vec *vec_of(const struct viz_model *model, int i)
{
    const struct weir__vec *vecs[VECS] = {&model->operators, &model->rows,      &model->tasks,
                                          &model->keys,      &model->key_slots, &model->windows,
                                          &model->timers};
    return (struct weir__vec *)vecs[i];
}

void viz_model_init(struct viz_model *model, struct viz_names *names)
{
    *model = (struct viz_model){
        .names = names,
        .operators = WEIR__VEC_OF(struct viz_operator),
        .rows = WEIR__VEC_OF(struct viz_row),
        .tasks = WEIR__VEC_OF(struct viz_task),
        .keys = WEIR__VEC_OF(struct viz_key),
        .key_slots = WEIR__VEC_OF(int32_t),
        .windows = WEIR__VEC_OF(struct viz_window),
        .free_window = VIZ_NONE,
        .timers = WEIR__VEC_OF(struct viz_timer),
        .lowest = WEIR_TIME_MAX,
        .highest = WEIR_TIME_MIN,
        .finite_watermark = WEIR_TIME_MIN,
        .record_id = VIZ_NONE,
        .now = {.row = VIZ_NONE},
    };
}

void viz_model_fini(struct viz_model *model)
{
    for (int i = 0; i < VECS; i++) {
        weir__vec_fini(vec_of(model, i));
    }
}

static void copy_vec(struct weir__vec *to, const struct weir__vec *from)
{
    weir__vec_reserve(to, from->count);
    if (from->count > 0) {
        memcpy(to->items, from->items, from->count * from->item_size);
    }
    to->count = from->count;
}

void viz_model_copy(struct viz_model *to, const struct viz_model *from)
{
    struct weir__vec kept[VECS];
    for (int i = 0; i < VECS; i++) {
        kept[i] = *vec_of(to, i);
        copy_vec(&kept[i], vec_of(from, i));
    }
    *to = *from;
    for (int i = 0; i < VECS; i++) {
        *vec_of(to, i) = kept[i];
    }
}

static bool same_vec(const struct weir__vec *a, const struct weir__vec *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->items, b->items, a->count * a->item_size) == 0);
}

bool viz_model_equal(const struct viz_model *a, const struct viz_model *b)
{
    bool same = a->job_name == b->job_name && a->free_window == b->free_window &&
                a->timer_count == b->timer_count && a->left_out == b->left_out &&
                a->plain_results == b->plain_results && a->at == b->at && a->lowest == b->lowest &&
                a->highest == b->highest && a->shortest == b->shortest &&
                a->finite_watermark == b->finite_watermark && a->record_id == b->record_id &&
                memcmp(a->late, b->late, sizeof a->late) == 0 &&
                memcmp(&a->totals, &b->totals, sizeof a->totals) == 0 &&
                memcmp(&a->now, &b->now, sizeof a->now) == 0;
    for (int i = 0; i < VECS; i++) {
        same = same && same_vec(vec_of(a, i), vec_of(b, i));
    }
    return same;
}

size_t viz_model_size(const struct viz_model *model)
{
    size_t size = sizeof *model;
    for (int i = 0; i < VECS; i++) {
        size += vec_of(model, i)->count * vec_of(model, i)->item_size;
    }
    return size;
}

const struct viz_operator *viz_model_operator(const struct viz_model *model, int32_t id)
{
    for (size_t i = 0; i < model->operators.count; i++) {
        const struct viz_operator *node = weir__vec_at(&model->operators, i);
        if (node->id == id) {
            return node;
        }
    }
    return NULL;
}

const struct viz_task *viz_model_task(const struct viz_model *model, int32_t op, int32_t sub)
{
    for (size_t i = 0; i < model->tasks.count; i++) {
        const struct viz_task *task = weir__vec_at(&model->tasks, i);
        if (task->op == op && task->sub == sub) {
            return task;
        }
    }
    return NULL;
}

/* How much an operator's rows look like the source's partitions: those of a watermark assigner do
 * most, then those with watermarks of their own, then those with a name. */
static int row_rank(const struct viz_model *model, const struct viz_row *row)
{
    const struct viz_operator *node = viz_model_operator(model, row->op);
    if (node != NULL && node->strategy != 0) {
        return 4;
    }
    if (row->channel != 0 && row->count > 0) {
        return row->watermark != WEIR_TIME_MIN || row->idle ? 3 : 2;
    }
    return row->count > 0 ? 1 : 0;
}

int32_t viz_model_row_operator(const struct viz_model *model)
{
    int32_t found = VIZ_NONE;
    int best = 0;
    for (size_t i = 0; i < model->rows.count; i++) {
        const struct viz_row *row = weir__vec_at(&model->rows, i);
        int rank = row_rank(model, row);
        if (rank > best || (rank == best && found != VIZ_NONE && row->op < found)) {
            best = rank;
            found = row->op;
        }
    }
    return found;
}
