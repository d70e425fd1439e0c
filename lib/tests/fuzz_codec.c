/*
 * Fuzz target: the binary codec over hostile bytes. Whatever decodes must encode and decode to an
 * equal value; the rest must be refused, owning nothing.
 *
 *     clang -fsanitize=fuzzer,address,undefined -Ilib/include -Ilib lib/tests/fuzz_codec.c …
 *     ./fuzz_codec corpus/
 *
 * test_types_codec_fuzz.c runs the same function over seeded bytes.
 */
#include "test_types_sample.inc"

#include "types/codec.h"

#include <stdio.h>
#include <stdlib.h>

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void check_type(const struct weir_type *type, struct weir_str bytes)
{
    char view[256] __attribute__((aligned(16)));
    char owned[256] __attribute__((aligned(16)));
    char again[256] __attribute__((aligned(16)));
    struct weir__reader in = weir__reader_of(bytes);
    struct weir__reader in_view = in;
    enum weir_status status = weir__decode(type, &in, owned);
    require(weir__decode_view(type, &in_view, view) == status,
            "copy and view disagree on what decodes");
    if (status != WEIR_OK) {
        static const char zero[256];
        require(memcmp(owned, zero, type->size) == 0 && memcmp(view, zero, type->size) == 0,
                "refused bytes left a value");
        return;
    }
    require(in.at == in_view.at && weir_value_equals(type, owned, view),
            "copy and view decode to other values");
    weir__view_fini(type, view);

    struct weir__buf buf = {0};
    weir__encode(type, owned, &buf);
    struct weir__reader in_again = weir__reader_of((struct weir_str){buf.data, (uint32_t)buf.len});
    require(weir__decode(type, &in_again, again) == WEIR_OK, "what was encoded does not decode");
    require(in_again.at == in_again.end && weir_value_equals(type, owned, again),
            "a value changed on the way out and in");
    require(weir_value_hash(type, owned) == weir_value_hash(type, again),
            "equal values have other hashes");
    weir__buf_fini(&buf);
    weir_value_fini(type, owned);
    weir_value_fini(type, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct weir_type *const types[] = {&sample_type, &point_type, &node_type};
    /* From memory of exactly that size: the sanitizer sees a read past the end. */
    char *bytes = malloc(size > 0 ? size : 1);
    memcpy(bytes, data, size);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        check_type(types[i], (struct weir_str){bytes, (uint32_t)size});
    }
    free(bytes);
    return 0;
}
