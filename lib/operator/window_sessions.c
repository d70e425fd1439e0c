/*
 * The fast path of session windows: a fixed gap in event time, an aggregate, the default trigger.
 *
 * It gives what the general path gives, value by value and in the same order. A session's timer is
 * what the general path would have registered: `waits` says that there is one for its end, and
 * `sequence` orders it among those of the same time, as of the last change of the session's bounds.
 *
 *     new bounds, or no timer:  the end is to come?  a timer, with a new sequence
 *                               it has passed?       no timer; the session fires at once, late
 *
 * Sessions kept directly live in memory; before a state backend outside of it, as long as they fit
 * (window_memory.c).
 *
 * Source: semantics sheet, sections 4 to 8.
 */
#include "base/mem.h"
#include "operator/window_operator.h"
#include "trace/trace.h"

static bool is_direct(const struct weir_window_config *config)
{
    return config->path == WEIR_PATH_AUTO && config->assigner.kind == WEIR_ASSIGN_SESSION &&
           !config->assigner.processing_time && weir__window_why_not_plain(config) == NULL;
}

void weir__window_sessions_open(struct weir__window_operator *self)
{
    const struct weir__operator_context *context = self->op.context;
    if (!is_direct(self->config) || weir__tracing(context->tracer) ||
        !weir__window_has_room(self)) {
        return;
    }
    self->direct = WEIR__NEW(struct weir__window_sessions);
    self->direct->owner = self;
    self->direct->watermark = context->watermark;
    weir__sessions_init(&self->direct->sessions, &self->rules, self->config->aggregate,
                        context->key->kind);
    weir__waiting_init(&self->direct->waiting, context->in_type);
}

void weir__window_sessions_close(struct weir__window_operator *self)
{
    if (self->direct != NULL) {
        weir__sessions_fini(&self->direct->sessions);
        weir__waiting_fini(&self->direct->waiting);
        weir__free(self->direct);
        self->direct = NULL;
    }
}

/* ---- one element ---- */

static void fire(struct weir__window_operator *self, const struct weir__key *key,
                 const struct weir__session *session, bool late)
{
    self->keyed.key = *key;
    weir__window_emit(self, session->window, session->accumulator, (int64_t)session->count, late);
}

static void new_session(struct weir__window_operator *self, const struct weir__key *key,
                        uint32_t cell, struct weir_window window, struct weir__session *session)
{
    const struct weir_aggregate *aggregate = self->config->aggregate;
    weir__sessions_add(&self->direct->sessions, key, cell, window, session);
    if (aggregate->create != NULL) {
        aggregate->create(session->accumulator, aggregate->user);
    }
}

/*
 * The session that an element of `window` belongs to, after merging all that it touches; false: it
 * is late. *changed: it is new, or has new bounds, which are not written back yet. *has_ticket: one
 * that is early enough for it.
 */
static bool obtain(struct weir__window_operator *self, const struct weir__key *key,
                   struct weir_window window, struct weir__session *session, bool *changed,
                   bool *has_ticket)
{
    struct weir__sessions *sessions = &self->direct->sessions;
    uint32_t cell = weir__sessions_find(sessions, key);
    uint32_t index = 0;
    uint32_t run = 0;
    *changed = true;
    *has_ticket = false;
    if (cell != WEIR__POOL_NONE) {
        run = weir__sessions_touching(sessions, cell, window, &index);
    }
    if (run == 0) {
        if (weir__window_is_late(&self->rules, window, self->direct->watermark)) {
            return false;
        }
        new_session(self, key, cell, window, session);
        return true;
    }
    if (run > 1) {
        weir__sessions_merge(sessions, cell, index, run, session);
    } else {
        weir__session_get(sessions, cell, index, session);
    }
    *has_ticket = weir__session_has_ticket(sessions, session);
    struct weir_window *bounds = &session->window;
    *changed = run > 1 || window.start < bounds->start || window.end > bounds->end;
    bounds->start = window.start < bounds->start ? window.start : bounds->start;
    bounds->end = window.end > bounds->end ? window.end : bounds->end;
    return true;
}

static void process(struct weir__window_operator *self, const struct weir__key *key,
                    const struct weir__record *record, struct weir_window window)
{
    struct weir__sessions *sessions = &self->direct->sessions;
    const struct weir_aggregate *aggregate = self->config->aggregate;
    struct weir__session session;
    bool changed;
    bool has_ticket;
    if (!obtain(self, key, window, &session, &changed, &has_ticket)) {
        weir__window_account(self, record, false);
        return;
    }
    /* After the final watermark even a session that never goes is late. */
    bool taken = !weir__window_is_late(&self->rules, session.window, self->direct->watermark);
    weir__window_account(self, record, taken);
    if (taken) {
        session.count++;
        aggregate->add(session.accumulator, record->value, record->timestamp, aggregate->user);
    }
    bool ends_later = session.window.end - 1 > self->direct->watermark;
    if (ends_later && (changed || !session.waits)) {
        session.sequence = sessions->next_sequence++;
    }
    bool files = !has_ticket && (changed || session.waits != ends_later);
    session.waits = ends_later;
    weir__session_set(sessions, &session);
    if (files) {
        weir__sessions_file(sessions, &session);
    }
    if (taken && !ends_later) {
        fire(self, key, &session, true);
    }
}

/* ---- many elements: see window/waiting.h ---- */

static struct weir_window window_of(const struct weir__window_operator *self, int64_t timestamp)
{
    return weir__window_around(timestamp, 0, self->rules.assigner.gap_ms);
}

static void process_waiting(struct weir__window_operator *self,
                            const struct weir__waiting_element *element)
{
    struct weir__record record = {
        .value = element->value, .timestamp = element->timestamp, .split = WEIR__NO_SPLIT};
    struct weir__key key;
    weir__key_read_hashed(self->op.context->key, element->value, element->hash, &key);
    process(self, &key, &record, window_of(self, element->timestamp));
}

void weir__window_sessions_settle(struct weir__window_operator *self)
{
    const struct weir__sessions *sessions = &self->direct->sessions;
    struct weir__waiting *waiting = &self->direct->waiting;
    for (uint32_t i = 0; i < waiting->count; i++) {
        weir__dense_expect(&sessions->index, waiting->elements[i].hash);
    }
    for (uint32_t i = 0; i < waiting->count; i++) {
        weir__sessions_expect(sessions, waiting->elements[i].hash);
    }
    weir__waiting_locate(waiting);
    for (uint32_t i = 0; i < waiting->count; i++) {
        process_waiting(self, &waiting->elements[i]);
    }
    weir__waiting_clear(waiting);
}

void weir__window_sessions_process(struct weir__window_operator *self,
                                   const struct weir__record *record)
{
    struct weir__waiting *waiting = &self->direct->waiting;
    if (record->timestamp == WEIR_TIME_MIN) {
        weir__window_assign(self, record); /* it says why not */
        return;
    }
    struct weir_window window = window_of(self, record->timestamp);
    struct weir__key key;
    weir__key_read(self->op.context->key, record->value, &key);
    self->arrivals++;
    self->by_clock = false;
    /* An element that may give a result at once does not wait. */
    bool in_time = window.end - 1 > self->direct->watermark;
    if (in_time && waiting->possible &&
        weir__sessions_bytes(&self->direct->sessions) >= waiting->from) {
        weir__waiting_put(waiting, record->value, record->timestamp, key.hash);
        if (weir__waiting_is_full(waiting)) {
            weir__window_sessions_settle(self);
        }
        return;
    }
    if (waiting->count > 0) {
        weir__window_sessions_settle(self);
    }
    self->keyed.now_known = false;
    process(self, &key, record, window);
}

/* In stages, as window_slices_batch.c explains. */
void weir__window_sessions_process_batch(struct weir__window_operator *self,
                                         const struct weir__record *records, size_t count)
{
    const struct weir__sessions *sessions = &self->direct->sessions;
    struct weir__key keys[WEIR__BATCH_MAX];
    weir__window_sessions_settle(self);
    self->by_clock = false;
    for (size_t i = 0; i < count; i++) {
        weir__key_read(self->op.context->key, records[i].value, &keys[i]);
        weir__dense_expect(&sessions->index, keys[i].hash);
    }
    for (size_t i = 0; i < count; i++) {
        weir__sessions_expect(sessions, keys[i].hash);
    }
    for (size_t i = 0; i < count && !self->op.context->failed; i++) {
        if (records[i].timestamp == WEIR_TIME_MIN) {
            weir__window_assign(self, &records[i]); /* it says why not */
            continue;
        }
        self->arrivals++;
        self->keyed.now_known = false;
        process(self, &keys[i], &records[i], window_of(self, records[i].timestamp));
    }
}

/* ---- time ---- */

void weir__window_sessions_advance(struct weir__window_operator *self, int64_t watermark)
{
    struct weir__sessions *sessions = &self->direct->sessions;
    struct weir__session session;
    weir__window_sessions_settle(self);
    self->direct->watermark = watermark;
    weir__sessions_open(sessions, watermark);
    self->by_clock = false;
    self->keyed.now_known = false;
    while (!self->op.context->failed && weir__sessions_next(sessions, watermark, &session)) {
        if (session.waits) {
            struct weir__key key = weir__session_key(sessions, session.cell);
            session.waits = false;
            weir__session_set(sessions, &session);
            fire(self, &key, &session, false);
        }
        int64_t cleanup = weir__window_cleanup_time(&self->rules, session.window);
        if (cleanup <= watermark && cleanup != WEIR_TIME_MAX) {
            weir__sessions_remove(sessions, &session);
        } else {
            weir__sessions_file(sessions, &session);
        }
    }
}

/* ---- what the general path would hold ---- */

void weir__window_sessions_holdings(struct weir__window_operator *self, struct weir__holdings *out)
{
    const struct weir__sessions *sessions = &self->direct->sessions;
    weir__window_sessions_settle(self);
    out->windows += sessions->count;
    out->state_entries += sessions->count;
    for (uint32_t cell = weir__pool_next(&sessions->cells, 0); cell != WEIR__POOL_NONE;
         cell = weir__pool_next(&sessions->cells, cell + 1)) {
        for (uint32_t i = 0; i < weir__session_count(sessions, cell); i++) {
            struct weir__session session;
            weir__session_get(sessions, cell, i, &session);
            int64_t cleanup = weir__window_cleanup_time(&self->rules, session.window);
            bool cleans =
                cleanup != WEIR_TIME_MAX && (cleanup != session.window.end - 1 || !session.waits);
            out->event_timers += (int64_t)session.waits + cleans;
        }
    }
}
