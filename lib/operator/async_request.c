/* Answers, from any thread to the task's. */
#include "operator/async.h"

#include "base/mem.h"

#include <pthread.h>

struct weir__mailbox {
    atomic_int refs;
    atomic_bool has_mail;
    pthread_mutex_t lock;
    /* under lock */
    void (*wake)(void *waker);
    void *waker;
    bool closed;
    weir_request *first;
    weir_request **last;
};

static void mailbox_unref(struct weir__mailbox *mailbox)
{
    if (atomic_fetch_sub(&mailbox->refs, 1) == 1) {
        pthread_mutex_destroy(&mailbox->lock);
        weir__free(mailbox);
    }
}

struct weir__mailbox *weir__mailbox_new(void (*wake)(void *waker), void *waker)
{
    struct weir__mailbox *mailbox = WEIR__NEW(struct weir__mailbox);
    atomic_init(&mailbox->refs, 1);
    pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->wake = wake;
    mailbox->waker = waker;
    mailbox->last = &mailbox->first;
    return mailbox;
}

bool weir__mailbox_has_mail(const struct weir__mailbox *mailbox)
{
    return atomic_load(&mailbox->has_mail);
}

weir_request *weir__mailbox_take(struct weir__mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    weir_request *taken = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    atomic_store(&mailbox->has_mail, false);
    pthread_mutex_unlock(&mailbox->lock);
    return taken;
}

void weir__mailbox_close(struct weir__mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->closed = true;
    pthread_mutex_unlock(&mailbox->lock);
    for (weir_request *request = weir__mailbox_take(mailbox); request != NULL;) {
        weir_request *next = request->next;
        weir__request_unref(request);
        request = next;
    }
    mailbox_unref(mailbox);
}

/* ---- requests ---- */

weir_request *weir__request_new(struct weir__mailbox *mailbox, const struct weir_type *in_type,
                                const struct weir_type *out_type)
{
    weir_request *request = WEIR__NEW(weir_request);
    request->mailbox = mailbox;
    atomic_fetch_add(&mailbox->refs, 1);
    request->in_type = in_type;
    request->out_type = out_type;
    request->value = weir__calloc(1, in_type->size);
    atomic_init(&request->refs, 1);
    return request;
}

void weir__request_lend(weir_request *request)
{
    atomic_fetch_add(&request->refs, 1);
}

void weir__request_unref(weir_request *request)
{
    if (atomic_fetch_sub(&request->refs, 1) > 1) {
        return;
    }
    for (size_t i = 0; i < request->count; i++) {
        weir_value_fini(request->out_type, request->results + i * request->out_type->size);
    }
    weir__free(request->results);
    weir_value_fini(request->in_type, request->value);
    weir__free(request->value);
    mailbox_unref(request->mailbox);
    weir__free(request);
}

const void *weir_request_value(const weir_request *request)
{
    return request->value;
}

/* Puts the answered request, with the answer's reference, into the mailbox. */
static void post(weir_request *request)
{
    struct weir__mailbox *mailbox = request->mailbox;
    pthread_mutex_lock(&mailbox->lock);
    bool open = !mailbox->closed;
    if (open) {
        request->next = NULL;
        *mailbox->last = request;
        mailbox->last = &request->next;
        atomic_store(&mailbox->has_mail, true);
        if (mailbox->wake != NULL) {
            mailbox->wake(mailbox->waker); /* under the lock: nobody frees it before we go */
        }
    }
    pthread_mutex_unlock(&mailbox->lock);
    if (!open) {
        weir__request_unref(request);
    }
}

void weir_request_complete(weir_request *request, const void *results, size_t count)
{
    size_t size = request->out_type->size;
    if (count > 0) {
        request->results = weir__reallocarray(NULL, count, size);
        for (size_t i = 0; i < count; i++) {
            weir_value_copy(request->out_type, request->results + i * size,
                            (const char *)results + i * size);
        }
        request->count = count;
    }
    post(request);
}

void weir_request_fail(weir_request *request, const struct weir_error *error)
{
    request->error = *error;
    if (request->error.code == WEIR_OK) {
        request->error.code = WEIR_UNAVAILABLE; /* a failure without a code is one all the same */
    }
    post(request);
}
