/* The members of all groups in one list: there are few, and they report once a second. */
#include "time/alignment.h"

#include "base/mem.h"
#include "base/vec.h"

#include <weir/time.h>

#include <pthread.h>

struct member {
    const char *group;
    int64_t watermark;
};

struct weir__alignment {
    pthread_mutex_t lock;
    struct weir__vec members; /* under lock; struct member */
};

struct weir__alignment *weir__alignment_new(void)
{
    struct weir__alignment *alignment = WEIR__NEW(struct weir__alignment);
    pthread_mutex_init(&alignment->lock, NULL);
    alignment->members = WEIR__VEC_OF(struct member);
    return alignment;
}

void weir__alignment_free(struct weir__alignment *alignment)
{
    if (alignment != NULL) {
        pthread_mutex_destroy(&alignment->lock);
        weir__vec_fini(&alignment->members);
        weir__free(alignment);
    }
}

size_t weir__alignment_join(struct weir__alignment *alignment, const char *group)
{
    pthread_mutex_lock(&alignment->lock);
    size_t number = alignment->members.count;
    weir__vec_push(&alignment->members, &(struct member){group, WEIR_TIME_MIN});
    pthread_mutex_unlock(&alignment->lock);
    return number;
}

int64_t weir__alignment_report(struct weir__alignment *alignment, size_t member, int64_t watermark)
{
    int64_t lowest = watermark;
    pthread_mutex_lock(&alignment->lock);
    struct member *own = weir__vec_at(&alignment->members, member);
    own->watermark = watermark;
    for (size_t i = 0; i < alignment->members.count; i++) {
        const struct member *other = weir__vec_at(&alignment->members, i);
        if (other->watermark < lowest && strcmp(other->group, own->group) == 0) {
            lowest = other->watermark;
        }
    }
    pthread_mutex_unlock(&alignment->lock);
    return lowest;
}
