/*
 * Fuzz target: the JSON scanner against jansson as its oracle.
 *
 *     clang -fsanitize=fuzzer,address,undefined -Ilib/include -Ilib lib/tests/fuzz_json.c …
 *     ./fuzz_json corpus/
 *
 * test_format_json_oracle.c runs the same function over seeded documents. Both must agree on what
 * is accepted and on the values, but for these differences, which are meant:
 *   - jansson refuses numbers that it cannot hold wherever they stand, the scanner only in fields
 *     that it reads;
 *   - jansson takes 2048 levels of nesting, the scanner 64;
 *   - of duplicate keys jansson takes the last; the scanner refuses those of its own fields and
 * does not mind others;
 *   - jansson overlooks a raw NUL byte behind a word or a number; the scanner refuses it, as the
 * RFC asks;
 *   - jansson knows no schema: fields that are missing, null or of another kind are refused here by
 * a reading of its tree.
 */
#include "test_types_sample.inc"

#include "types/slot.h"

#include <weir/format.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- the oracle: jansson's tree to an owned value; false when the type does not admit it ---- */

static bool oracle_read(struct weir__slot slot, const json_t *json, void *out);

static bool oracle_read_string(const json_t *json, struct weir_str *out)
{
    if (!json_is_string(json)) {
        return false;
    }
    weir_str_set(out,
                 (struct weir_str){json_string_value(json), (uint32_t)json_string_length(json)});
    return true;
}

static bool oracle_read_set(const json_t *json, struct weir_string_set *out)
{
    bool good = json_is_array(json);
    for (size_t i = 0; good && i < json_array_size(json); i++) {
        struct weir_str member = {NULL, 0};
        good = oracle_read_string(json_array_get(json, i), &member);
        if (good) {
            weir_string_set_add(out, member, 1);
        }
        weir_str_clear(&member);
    }
    return good;
}

static bool oracle_read_list(const json_t *json, const struct weir_type *element,
                             struct weir_list *out)
{
    bool good = json_is_array(json);
    for (size_t i = 0; good && i < json_array_size(json); i++) {
        char item[256] __attribute__((aligned(16))) = {0};
        good = oracle_read(weir__slot_of_type(element), json_array_get(json, i), item);
        if (good) {
            weir_list_append(out, element, item);
        }
        weir_value_fini(element, item);
    }
    return good;
}

static bool oracle_read_struct(const json_t *json, const struct weir_type *type, void *out)
{
    bool good = json_is_object(json);
    for (size_t i = 0; good && i < type->field_count; i++) {
        const struct weir_field *field = &type->fields[i];
        const json_t *member = json_object_get(json, field->wire_name);
        if (member == NULL || json_is_null(member)) {
            good = field->nullable;
        } else {
            good = oracle_read(weir__slot_of_field(field), member, (char *)out + field->offset);
        }
    }
    return good;
}

static bool oracle_read(struct weir__slot slot, const json_t *json, void *out)
{
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
        *(bool *)out = json_is_true(json);
        return json_is_boolean(json);
    case WEIR_KIND_INT64:
        *(int64_t *)out = json_integer_value(json);
        return json_is_integer(json);
    case WEIR_KIND_DOUBLE:
        *(double *)out = json_number_value(json);
        return json_is_number(json);
    case WEIR_KIND_STRING:
        return oracle_read_string(json, out);
    case WEIR_KIND_STRING_SET:
        return oracle_read_set(json, out);
    case WEIR_KIND_LIST:
        return oracle_read_list(json, slot.type, out);
    case WEIR_KIND_STRUCT:
        return oracle_read_struct(json, slot.type, out);
    }
    return false;
}

static int oracle_depth(const json_t *json)
{
    int deepest = 0;
    size_t index;
    const char *key;
    json_t *child;
    if (json_is_object(json)) {
        json_object_foreach((json_t *)json, key, child)
        {
            int depth = oracle_depth(child);
            deepest = depth > deepest ? depth : deepest;
        }
    }
    json_array_foreach(json, index, child)
    {
        int depth = oracle_depth(child);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + (json_is_object(json) || json_is_array(json));
}

/* ---- the comparison ---- */

static void require(bool holds, const char *what, const char *bytes, size_t len,
                    const struct weir_error *error)
{
    if (!holds) {
        fprintf(stderr, "%s\nscanner: %s: %s\nmessage:\n", what, error->where, error->message);
        fwrite(bytes, 1, len, stderr);
        abort();
    }
}

static void require_printable_error(const struct weir_error *error, const char *bytes, size_t len)
{
    for (const char *at = error->message; *at != '\0'; at++) {
        require((unsigned char)*at >= 0x20 && *at != 0x7f,
                "an error message holds a control character", bytes, len, error);
    }
    require(error->message[0] != '\0' && error->where[0] != '\0', "an error says nothing", bytes,
            len, error);
}

static bool has_duplicates(const char *bytes, size_t len)
{
    json_error_t error;
    json_t *tree = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    json_decref(tree);
    return tree == NULL;
}

static bool scan(weir_decoder *decoder, const struct weir_type *type, const char *bytes, size_t len,
                 void *value, struct weir_error *error)
{
    *error = (struct weir_error){0};
    enum weir_status status = weir_decoder_decode(decoder, bytes, len, value, error);
    if (status != WEIR_OK) {
        char zero[256] = {0};
        require_printable_error(error, bytes, len);
        require(memcmp(value, zero, type->size) == 0, "a refused message left a value", bytes, len,
                error);
    }
    return status == WEIR_OK;
}

/* Returns 1 when the message was accepted. */
static int compare(const struct weir_type *type, weir_decoder *decoder, const char *bytes,
                   size_t len)
{
    char scanned[256] __attribute__((aligned(16)));
    char expected[256] __attribute__((aligned(16))) = {0};
    struct weir_error error;
    json_error_t oracle_error;
    bool accepted = scan(decoder, type, bytes, len, scanned, &error);
    json_t *tree = json_loadb(bytes, len, 0, &oracle_error);
    if (tree == NULL) {
        bool number = json_error_code(&oracle_error) == json_error_numeric_overflow;
        require(!accepted || number, "jansson refuses what the scanner takes", bytes, len, &error);
        return accepted;
    }
    bool admitted = oracle_read(weir__slot_of_type(type), tree, expected) &&
                    oracle_depth(tree) <= WEIR__MAX_DEPTH;
    if (accepted) {
        require(admitted, "the scanner takes what the type does not admit", bytes, len, &error);
        require(weir_value_equals(type, scanned, expected), "scanner and jansson read other values",
                bytes, len, &error);
    } else {
        bool meant = has_duplicates(bytes, len) || (len > 0 && memchr(bytes, '\0', len) != NULL);
        require(!admitted || meant, "the scanner refuses what jansson takes", bytes, len, &error);
    }
    weir_value_fini(type, expected);
    json_decref(tree);
    return accepted;
}

/* What was accepted must survive being written and read again. */
static void round_trip(const struct weir_type *type, weir_decoder *decoder, const char *bytes,
                       size_t len)
{
    char value[256] __attribute__((aligned(16)));
    char copy[256] __attribute__((aligned(16)));
    char again[256] __attribute__((aligned(16)));
    struct weir_error error;
    if (!scan(decoder, type, bytes, len, value, &error)) {
        return;
    }
    weir_value_copy(type, copy, value);
    weir_encoder *encoder = weir_encoder_new(weir_json(type));
    struct weir_str text = weir_encoder_encode(encoder, copy);
    bool read = scan(decoder, type, text.data, text.len, again, &error);
    require(read, "what the encoder wrote is refused", text.data, text.len, &error);
    /* A set counts members that came twice; encoded they come once. */
    bool counted =
        type == &sample_type && weir_string_set_size(&((struct sample *)copy)->users) > 0;
    require(counted || weir_value_equals(type, copy, again),
            "a value changed on the way out and in", bytes, len, &error);
    weir_encoder_free(encoder);
    weir_value_fini(type, copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct weir_type *const types[] = {&sample_type, &point_type, &node_type};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        weir_decoder *decoder = weir_decoder_new(weir_json(types[i]));
        /* From memory of exactly that size: the sanitizer sees a read past the end. */
        char *bytes = malloc(size > 0 ? size : 1);
        memcpy(bytes, data, size);
        compare(types[i], decoder, bytes, size);
        round_trip(types[i], decoder, bytes, size);
        free(bytes);
        weir_decoder_free(decoder);
    }
    return 0;
}
