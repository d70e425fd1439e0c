/*
 * The async operator: a queue of requests, with watermarks between them as fences.
 *
 *     newest                                                     oldest
 *     request  request │ W 2000 │ request  request  request │ W 1000 │ request ─▶ out
 *     (waits)  (asked) │        │ (asked)   (done)  (asked) │        │ (asked)
 *                        part 2                    part 1               part 0
 *
 * Ordered: the oldest goes out as soon as it is done. Unordered: what is done in the oldest part
 * goes out, in the order of the answers; a fence when it is the oldest. Beyond the capacity
 * requests wait to be asked: a source may bring a few more events after the operator said full.
 *
 *     snapshot := subtask varint, requests varint, request…
 *     request  := timestamp zigzag, value
 *
 * Of several snapshots, each is taken by one subtask: its number modulo the parallelism.
 */
#include "operator/async.h"

#include "base/mem.h"
#include "metrics/metrics.h"
#include "operator/context.h"
#include "operator/factories.h"
#include "types/codec.h"

#define WEIR__REQUESTS_TIMED_OUT "numRequestsTimedOut"

struct async_factory {
    struct weir__operator_factory factory;
    struct weir_async_config config;
};

enum kind { REQUEST, WATERMARK, IDLE, SPLIT };

struct weir__async_item {
    enum kind kind;
    struct weir__async_item *newer;
    struct weir__async_item *older;
    struct weir__async_item *next_done; /* in the order of the answers */
    uint64_t part;                      /* fences before it */
    weir_request *request;              /* REQUEST: referred to */
    int64_t number;                     /* WATERMARK: it; SPLIT: which */
    bool on;                            /* IDLE: idle; SPLIT: added */
};

struct async {
    struct weir__operator op;
    const struct weir_async_config *config; /* the factory's copy */
    struct weir__mailbox *mailbox;
    struct weir_collector out;
    struct weir__async_item *oldest;
    struct weir__async_item *newest;
    struct weir__async_item *to_ask;    /* the oldest request that waits to be asked; NULL: none */
    struct weir__async_item *done;      /* UNORDERED: done, and not out */
    struct weir__async_item **done_end; /* where the next one is put */
    uint64_t part;                      /* of the oldest item */
    uint64_t last_part;                 /* of the newest one */
    size_t asked;                       /* requests that have been, and are not out */
    size_t capacity;
    int64_t next_deadline_ms; /* no request is due before */
    bool ending;              /* the final watermark is in the queue */
    int64_t *timed_out;
};

/* ---- the queue ---- */

static struct weir__async_item *append(struct async *async, enum kind kind)
{
    struct weir__async_item *item = WEIR__NEW(struct weir__async_item);
    item->kind = kind;
    if (kind != REQUEST) {
        async->last_part++;
    }
    item->part = async->last_part;
    item->older = async->newest;
    if (async->newest != NULL) {
        async->newest->newer = item;
    } else {
        async->oldest = item;
    }
    async->newest = item;
    return item;
}

static void take_out(struct async *async, struct weir__async_item *item)
{
    *(item->older != NULL ? &item->older->newer : &async->oldest) = item->newer;
    *(item->newer != NULL ? &item->newer->older : &async->newest) = item->older;
    if (item->request != NULL) {
        weir__request_unref(item->request);
    }
    weir__free(item);
}

/* ---- out ---- */

static void emit(struct async *async, const weir_request *request)
{
    async->out.element = (struct weir__record){
        .timestamp = request->timestamp, .id = request->id, .split = request->split};
    if (request->timed_out) {
        async->config->timed_out(request->value, &async->out, async->config->user);
        return;
    }
    for (size_t i = 0; i < request->count; i++) {
        weir_emit(&async->out, request->results + i * request->out_type->size);
    }
}

static void send_fence(struct async *async, const struct weir__async_item *item)
{
    switch (item->kind) {
    case REQUEST:
        break;
    case WATERMARK:
        weir__operator_forward_watermark(&async->op, item->number);
        break;
    case IDLE:
        weir__operator_forward_idle(&async->op, item->on);
        break;
    case SPLIT:
        weir__operator_forward_split(&async->op, (int32_t)item->number, item->on);
        break;
    }
}

static void send_request(struct async *async, struct weir__async_item *item)
{
    emit(async, item->request);
    async->asked--;
    take_out(async, item);
}

/* Results of the oldest part, in the order of the answers. True when there were any. */
static bool send_done_of_part(struct async *async)
{
    bool sent = false;
    struct weir__async_item **at = &async->done;
    while (*at != NULL) {
        struct weir__async_item *item = *at;
        if (item->part == async->part) {
            *at = item->next_done;
            send_request(async, item);
            sent = true;
        } else {
            at = &item->next_done;
        }
    }
    async->done_end = at;
    return sent;
}

/* Sends what may go; true when something went. */
static bool flush(struct async *async)
{
    bool sent = false;
    while (!async->op.context->failed) {
        if (async->config->order == WEIR_UNORDERED) {
            sent = send_done_of_part(async) || sent;
        }
        struct weir__async_item *item = async->oldest;
        if (item != NULL && item->kind != REQUEST) {
            async->part = item->part;
            send_fence(async, item);
            take_out(async, item);
        } else if (item != NULL && item->request->done) { /* ordered: others are out by now */
            send_request(async, item);
        } else {
            break;
        }
        sent = true;
    }
    return sent;
}

/* ---- asking, and answers ---- */

static void mark_done(struct async *async, weir_request *request)
{
    request->done = true;
    if (async->config->order == WEIR_UNORDERED) {
        *async->done_end = request->item;
        async->done_end = &request->item->next_done;
    }
}

static bool can_ask(const struct async *async)
{
    return async->to_ask != NULL && async->asked < async->capacity;
}

/* True when it asked. */
static bool ask(struct async *async)
{
    bool any = false;
    while (can_ask(async) && !async->op.context->failed) {
        weir_request *request = async->to_ask->request;
        do {
            async->to_ask = async->to_ask->newer;
        } while (async->to_ask != NULL && async->to_ask->kind != REQUEST);
        async->asked++;
        request->started = true;
        request->deadline_ms = WEIR_TIME_MAX;
        if (async->config->timeout_ms > 0) {
            int64_t now_ms = weir_clock_ms(async->op.context->clock);
            request->deadline_ms = weir_time_add(now_ms, async->config->timeout_ms);
        }
        if (request->deadline_ms < async->next_deadline_ms) {
            async->next_deadline_ms = request->deadline_ms;
        }
        weir__request_lend(request);
        async->config->start(request, async->config->user);
        any = true;
    }
    return any;
}

static void take_answers(struct async *async)
{
    for (weir_request *request = weir__mailbox_take(async->mailbox); request != NULL;) {
        weir_request *next = request->next;
        if (request->done) {
            /* It has timed out before. */
        } else if (request->error.code != WEIR_OK) {
            weir__operator_fail(&async->op, &request->error);
        } else {
            mark_done(async, request);
        }
        weir__request_unref(request);
        request = next;
    }
}

/* Everything that can be done now: take answers, send results, ask the next. */
static void pump(struct async *async)
{
    bool more = true;
    while (more && !async->op.context->failed) {
        take_answers(async);
        bool sent = flush(async);
        bool asked = ask(async);
        more = sent || asked || weir__mailbox_has_mail(async->mailbox);
    }
    weir__operator_set_full(&async->op, async->asked >= async->capacity ||
                                            (async->ending && async->oldest != NULL));
}

static void time_out(struct async *async, weir_request *request)
{
    if (async->config->timed_out == NULL) {
        struct weir_error error = {0};
        char timeout[24];
        weir_duration_format(async->config->timeout_ms, timeout, sizeof(timeout));
        weir_error_set(&error, WEIR_TIMED_OUT, NULL,
                       "a request was not answered within %s; allow it more time, or say in "
                       "timed_out what stands for its result",
                       timeout);
        weir__operator_fail(&async->op, &error);
        return;
    }
    ++*async->timed_out;
    request->timed_out = true;
    mark_done(async, request);
}

static void time_out_all(struct async *async, int64_t now_ms)
{
    async->next_deadline_ms = WEIR_TIME_MAX;
    for (struct weir__async_item *item = async->oldest; item != NULL; item = item->newer) {
        weir_request *request = item->request;
        if (item->kind != REQUEST || !request->started || request->done) {
            continue;
        }
        if (request->deadline_ms <= now_ms) {
            time_out(async, request);
        } else if (request->deadline_ms < async->next_deadline_ms) {
            async->next_deadline_ms = request->deadline_ms;
        }
    }
}

/* ---- in ---- */

/* A request at the end of the queue, whose value is to be filled. */
static weir_request *append_request(struct async *async)
{
    struct weir__async_item *item = append(async, REQUEST);
    const struct weir__operator_context *context = async->op.context;
    item->request = weir__request_new(async->mailbox, context->in_type, context->out_type);
    item->request->item = item;
    item->request->split = WEIR__NO_SPLIT;
    if (async->to_ask == NULL) {
        async->to_ask = item;
    }
    return item->request;
}

static void process(struct weir__operator *op, int input, const struct weir__record *record)
{
    (void)input;
    struct async *async = (struct async *)op;
    weir_request *request = append_request(async);
    weir_value_copy(op->context->in_type, request->value, record->value);
    request->timestamp = record->timestamp;
    request->id = record->id;
    request->split = record->split;
    pump(async);
}

static void take_watermark(struct weir__operator *op, int64_t watermark)
{
    struct async *async = (struct async *)op;
    append(async, WATERMARK)->number = watermark;
    async->ending = watermark == WEIR_TIME_MAX;
    pump(async);
}

static void take_idleness(struct weir__operator *op, bool idle)
{
    struct async *async = (struct async *)op;
    append(async, IDLE)->on = idle;
    pump(async);
}

static void take_split(struct weir__operator *op, int32_t split, bool added)
{
    struct async *async = (struct async *)op;
    struct weir__async_item *item = append(async, SPLIT);
    item->number = split;
    item->on = added;
    pump(async);
}

static int64_t next_tick(const struct weir__operator *op)
{
    const struct async *async = (const struct async *)op;
    bool now = weir__mailbox_has_mail(async->mailbox) || can_ask(async);
    return now ? weir_clock_ms(op->context->clock) : async->next_deadline_ms;
}

static void tick(struct weir__operator *op, int64_t now_ms)
{
    struct async *async = (struct async *)op;
    take_answers(async); /* one that is there is in time */
    if (now_ms >= async->next_deadline_ms && !op->context->failed) {
        time_out_all(async, now_ms);
    }
    pump(async);
}

/* ---- state ---- */

static size_t request_count(const struct async *async)
{
    size_t count = 0;
    for (const struct weir__async_item *item = async->oldest; item != NULL; item = item->newer) {
        count += item->kind == REQUEST;
    }
    return count;
}

static void snapshot(struct weir__operator *op, struct weir__buf *out)
{
    const struct async *async = (const struct async *)op;
    weir__buf_put_varint(out, (uint64_t)op->context->subtask);
    weir__buf_put_varint(out, request_count(async));
    for (const struct weir__async_item *item = async->oldest; item != NULL; item = item->newer) {
        if (item->kind == REQUEST) {
            weir__buf_put_zigzag(out, item->request->timestamp);
            weir__encode(op->context->in_type, item->request->value, out);
        }
    }
}

static bool restore_request(struct async *async, struct weir__reader *in)
{
    const struct weir_type *type = async->op.context->in_type;
    int64_t timestamp = weir__read_zigzag(in);
    if (in->failed) {
        return false;
    }
    weir_request *request = append_request(async);
    request->timestamp = timestamp;
    if (weir__decode(type, in, request->value) != WEIR_OK) {
        weir_value_init(type, request->value);
        return false;
    }
    return true;
}

/* They are asked at the first tick, when everything behind this operator is restored, too. */
static enum weir_status restore(struct weir__operator *op, struct weir_str bytes,
                                struct weir_error *error)
{
    struct async *async = (struct async *)op;
    struct weir__reader in = weir__reader_of(bytes);
    uint64_t subtask = weir__read_varint(&in);
    if (!in.failed &&
        subtask % (uint64_t)op->context->parallelism != (uint64_t)op->context->subtask) {
        return WEIR_OK;
    }
    uint64_t left = weir__read_varint(&in);
    while (left > 0 && restore_request(async, &in)) {
        left--;
    }
    if (in.failed || left > 0 || in.at != in.end) {
        return weir_error_set(error, WEIR_CORRUPT, op->context->name,
                              "the snapshot of the requests is damaged (%u bytes)", bytes.len);
    }
    return WEIR_OK;
}

static void holdings(const struct weir__operator *op, struct weir__holdings *out)
{
    out->state_entries += (int64_t)request_count((const struct async *)op);
}

/* ---- life ---- */

static enum weir_status open_operator(struct weir__operator *op, struct weir_error *error)
{
    (void)error;
    struct async *async = (struct async *)op;
    const struct weir__operator_context *context = op->context;
    async->mailbox = weir__mailbox_new(context->wake, context->waker);
    async->out.output = &context->main;
    async->done_end = &async->done;
    async->capacity =
        async->config->capacity > 0 ? (size_t)async->config->capacity : WEIR__ASYNC_CAPACITY;
    async->next_deadline_ms = WEIR_TIME_MAX;
    async->timed_out = weir__metric_counter(context->metrics, WEIR__REQUESTS_TIMED_OUT);
    return WEIR_OK;
}

static void free_operator(struct weir__operator *op)
{
    struct async *async = (struct async *)op;
    if (async->mailbox != NULL) {
        weir__mailbox_close(async->mailbox);
    }
    while (async->oldest != NULL) {
        take_out(async, async->oldest);
    }
    weir__free(async);
}

static const struct weir__operator_ops ops = {
    .kind = "Async",
    .open = open_operator,
    .process = process,
    .watermark = take_watermark,
    .idle = take_idleness,
    .split = take_split,
    .next_tick = next_tick,
    .tick = tick,
    .snapshot = snapshot,
    .restore = restore,
    .holdings = holdings,
    .free = free_operator,
};

static struct weir__operator *create(const struct weir__operator_factory *factory)
{
    struct async *async = WEIR__NEW(struct async);
    async->op.ops = &ops;
    async->config = &((const struct async_factory *)factory)->config;
    return &async->op;
}

static void describe(const struct weir__operator_factory *factory, struct weir__buf *json)
{
    const struct weir_async_config *config = &((const struct async_factory *)factory)->config;
    weir__buf_printf(json, "\"async\":\"%s\",\"capacity\":%d,\"timeout\":%lld",
                     config->order == WEIR_ORDERED ? "ordered" : "unordered",
                     config->capacity > 0 ? config->capacity : WEIR__ASYNC_CAPACITY,
                     (long long)config->timeout_ms);
}

struct weir__operator_factory *weir__async_factory(const struct weir_async_config *config)
{
    struct async_factory *factory = WEIR__NEW(struct async_factory);
    factory->factory = (struct weir__operator_factory){
        .ops = &ops, .create = create, .describe = describe, .free = weir__factory_free_plain};
    factory->config = *config;
    return &factory->factory;
}
