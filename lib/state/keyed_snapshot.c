/*
 * All states and timers of an operator as bytes.
 *
 *     keyed := version u8, tables varint, table…, event timers, processing timers
 *     table := name, fingerprint i64, entries by key group (types/key_groups.h)
 */
#include "state/keyed.h"

#include <string.h>

#define VERSION 1

static struct weir__table *table_at(const struct weir__keyed *keyed, size_t index)
{
    return *(struct weir__table **)weir__vec_at(&keyed->tables, index);
}

void weir__keyed_snapshot(struct weir__keyed *keyed, struct weir__buf *out)
{
    weir__buf_put_u8(out, VERSION);
    weir__buf_put_varint(out, keyed->tables.count);
    for (size_t i = 0; i < keyed->tables.count; i++) {
        struct weir__table *table = table_at(keyed, i);
        weir__buf_put_str(out, weir_str_from(table->config.name));
        weir__buf_put_i64(out, (int64_t)table->config.fingerprint);
        table->ops->snapshot(table, out);
    }
    weir__timers_snapshot(&keyed->timers[WEIR__EVENT_TIME], out);
    weir__timers_snapshot(&keyed->timers[WEIR__PROCESSING_TIME], out);
}

static struct weir__table *table_named(const struct weir__keyed *keyed, struct weir_str name)
{
    for (size_t i = 0; i < keyed->tables.count; i++) {
        if (weir_str_equals(name, table_at(keyed, i)->config.name)) {
            return table_at(keyed, i);
        }
    }
    return NULL;
}

static enum weir_status restore_table(struct weir__keyed *keyed, struct weir__reader *in,
                                      struct weir_error *error)
{
    struct weir_str name = weir__read_str(in);
    uint64_t fingerprint = (uint64_t)weir__read_i64(in);
    if (in->failed) {
        return weir_error_set(error, WEIR_CORRUPT, NULL,
                              "the snapshot of the keyed state ends early");
    }
    struct weir__table *table = table_named(keyed, name);
    if (table == NULL) {
        return weir_error_set(
            error, WEIR_MISMATCH, NULL,
            "the snapshot holds a state '%.*s' that this operator does not declare; "
            "declare it again, or start without the snapshot",
            WEIR_STR_ARG(name));
    }
    if (table->config.fingerprint != fingerprint) {
        return weir_error_set(
            error, WEIR_MISMATCH, NULL,
            "state '%.*s' has another kind, type or TTL setting than in the snapshot; "
            "change it back, or give the state a new name",
            WEIR_STR_ARG(name));
    }
    return table->ops->restore(table, in, keyed->first_group, keyed->last_group, error);
}

enum weir_status weir__keyed_restore(struct weir__keyed *keyed, struct weir__reader *in,
                                     struct weir_error *error)
{
    uint8_t version = weir__read_u8(in);
    if (in->failed || version != VERSION) {
        return weir_error_set(error, WEIR_CORRUPT, NULL,
                              "the snapshot of the keyed state has version %u, expected %u",
                              version, VERSION);
    }
    enum weir_status status = WEIR_OK;
    for (uint64_t left = weir__read_varint(in); left > 0 && status == WEIR_OK; left--) {
        status = restore_table(keyed, in, error);
    }
    for (int domain = WEIR__EVENT_TIME; domain <= WEIR__PROCESSING_TIME && status == WEIR_OK;
         domain++) {
        status = weir__timers_restore(&keyed->timers[domain], in, keyed->first_group,
                                      keyed->last_group, error);
    }
    return status;
}
