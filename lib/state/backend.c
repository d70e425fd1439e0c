/*
 * The choice of a backend.
 */
#include "state/backend.h"

#ifdef WEIR_HAVE_ROCKSDB
#include "state/rocksdb_backend.h"
#endif

enum weir_status weir__backend_new(const struct weir_state_backend_config *config, int shares,
                                   struct weir__backend **out, struct weir_error *error)
{
    if (config == NULL || config->type == WEIR_STATE_BACKEND_HASHMAP) {
        *out = weir__heap_backend_new();
        return WEIR_OK;
    }
#ifdef WEIR_HAVE_ROCKSDB
    return weir__rocksdb_backend_new(config, shares, out, error);
#else
    (void)shares;
    return weir_error_set(
        error, WEIR_UNSUPPORTED, NULL,
        "the RocksDB state backend is not in this build: librocksdb was not there "
        "when it was made; install it (tools/setup --test, or librocksdb-dev on "
        "Debian), remove build/config.mk and run make again, or use the heap");
#endif
}
