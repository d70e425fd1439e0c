/*
 * Entries as bytes.
 */
#include "state/entry.h"

void weir__entry_put_key(const struct weir__key *key, struct weir__namespace ns,
                         struct weir__buf *out)
{
    weir__key_encode(key, out);
    weir__buf_put_zigzag(out, ns.a);
    weir__buf_put_zigzag(out, ns.b);
}

bool weir__entry_read_key(struct weir__reader *in, struct weir__key *key,
                          struct weir__namespace *ns)
{
    if (!weir__key_decode(in, key)) {
        return false;
    }
    ns->a = weir__read_zigzag(in);
    ns->b = weir__read_zigzag(in);
    return !in->failed;
}

enum weir_status weir__entry_restore(struct weir__table *table, struct weir__key_table *keys,
                                     struct weir__reader *in, void **cell, struct weir_error *error)
{
    struct weir__key key;
    struct weir__namespace ns;
    if (!weir__entry_read_key(in, &key, &ns)) {
        return weir_error_set(error, WEIR_CORRUPT, NULL,
                              "an entry of state '%s' has no readable key", table->config.name);
    }
    bool created;
    *cell = table->ops->obtain(table, weir__key_table_intern(keys, &key), ns, &created);
    if (!created) {
        return weir_error_set(error, WEIR_CORRUPT, NULL,
                              "the snapshot holds two entries of one key in state '%s'",
                              table->config.name);
    }
    return table->config.ops->decode(*cell, table->config.spec, in, error);
}
