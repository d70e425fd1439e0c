/*
 * Fuzz target: the Avro scanner with avro-c as its oracle.
 *
 *     clang -fsanitize=fuzzer,address,undefined -Ilib/include -Ilib lib/tests/fuzz_avro.c … -lavro
 *     ./fuzz_avro corpus/
 *
 * test_format_avro_oracle.c runs the same function over seeded messages. What the scanner takes,
 * avro-c must take too and read as the same value; and what was taken survives being written and
 * read again. What the scanner refuses is not shown to avro-c, which believes lengths.
 */
#include "test_types_sample.inc"

#include "types/slot.h"

#include <weir/avro.h>

#include <avro.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- the oracle: avro-c's value to an owned one ---- */

static void oracle_read(struct weir__slot slot, avro_value_t *from, void *out);

static void oracle_read_string(avro_value_t *from, struct weir_str *out)
{
    const char *text = NULL;
    size_t size = 0; /* with the NUL */
    avro_value_get_string(from, &text, &size);
    weir_str_set(out, (struct weir_str){text, (uint32_t)size - 1});
}

static void oracle_read_items(struct weir__slot slot, avro_value_t *from, void *out)
{
    size_t count = 0;
    avro_value_get_size(from, &count);
    for (size_t i = 0; i < count; i++) {
        char item[256] __attribute__((aligned(16))) = {0};
        avro_value_t part;
        const struct weir_type *element =
            slot.kind == WEIR_KIND_LIST ? slot.type : &weir_string_type;
        avro_value_get_by_index(from, i, &part, NULL);
        oracle_read(weir__slot_of_type(element), &part, item);
        if (slot.kind == WEIR_KIND_LIST) {
            weir_list_append(out, element, item);
        } else {
            weir_string_set_add(out, *(struct weir_str *)item, 1);
        }
        weir_value_fini(element, item);
    }
}

/* A nullable field is a union of null and its type. */
static void oracle_read_field(const struct weir_field *field, avro_value_t *from, void *out)
{
    avro_value_t branch = *from;
    int index = 1;
    if (field->nullable) {
        avro_value_get_discriminant(from, &index);
        avro_value_get_current_branch(from, &branch);
    }
    if (index != 0) {
        oracle_read(weir__slot_of_field(field), &branch, out);
    }
}

static void oracle_read(struct weir__slot slot, avro_value_t *from, void *out)
{
    int flag = 0;
    switch (slot.kind) {
    case WEIR_KIND_BOOL:
        avro_value_get_boolean(from, &flag);
        *(bool *)out = flag != 0;
        break;
    case WEIR_KIND_INT64:
        avro_value_get_long(from, out);
        break;
    case WEIR_KIND_DOUBLE:
        avro_value_get_double(from, out);
        break;
    case WEIR_KIND_STRING:
        oracle_read_string(from, out);
        break;
    case WEIR_KIND_STRING_SET:
    case WEIR_KIND_LIST:
        oracle_read_items(slot, from, out);
        break;
    case WEIR_KIND_STRUCT:
        for (size_t i = 0; i < slot.type->field_count; i++) {
            avro_value_t part;
            const struct weir_field *field = &slot.type->fields[i];
            avro_value_get_by_index(from, i, &part, NULL);
            oracle_read_field(field, &part, (char *)out + field->offset);
        }
        break;
    }
}

/* ---- the comparison ---- */

static void require(bool holds, const char *what, const char *bytes, size_t len)
{
    if (!holds) {
        fprintf(stderr, "%s\nmessage:", what);
        for (size_t i = 0; i < len; i++) {
            fprintf(stderr, " %02x", (unsigned)(uint8_t)bytes[i]);
        }
        fprintf(stderr, "\n");
        abort();
    }
}

static bool scan(weir_decoder *decoder, const struct weir_type *type, const char *bytes, size_t len,
                 void *value)
{
    struct weir_error error = {0};
    bool accepted = weir_decoder_decode(decoder, bytes, len, value, &error) == WEIR_OK;
    if (!accepted) {
        char zero[256] = {0};
        require(error.message[0] != '\0', "an error says nothing", bytes, len);
        require(memcmp(value, zero, type->size) == 0, "a refused message left a value", bytes, len);
    }
    return accepted;
}

static void compare_with_oracle(const struct weir_type *type, const void *scanned,
                                const char *bytes, size_t len)
{
    char schema_text[4096];
    char expected[256] __attribute__((aligned(16))) = {0};
    avro_schema_t schema = NULL;
    avro_value_t value;
    size_t schema_len = weir_avro_schema(type, schema_text, sizeof schema_text);
    require(avro_schema_from_json_length(schema_text, schema_len, &schema) == 0,
            "avro-c refuses our schema", schema_text, schema_len);
    avro_value_iface_t *class = avro_generic_class_from_schema(schema);
    avro_generic_value_new(class, &value);
    avro_reader_t reader = avro_reader_memory(bytes, (int64_t)len);
    require(avro_value_read(reader, &value) == 0, "avro-c refuses what the scanner takes", bytes,
            len);
    oracle_read(weir__slot_of_type(type), &value, expected);
    require(weir_value_equals(type, scanned, expected), "scanner and avro-c read other values",
            bytes, len);
    weir_value_fini(type, expected);
    avro_reader_free(reader);
    avro_value_decref(&value);
    avro_value_iface_decref(class);
    avro_schema_decref(schema);
}

/* What was accepted must survive being written and read again. */
static void round_trip(const struct weir_type *type, weir_decoder *decoder, const void *scanned,
                       const char *bytes, size_t len)
{
    char copy[256] __attribute__((aligned(16)));
    char again[256] __attribute__((aligned(16)));
    weir_value_copy(type, copy, scanned);
    weir_encoder *encoder = weir_encoder_new(weir_avro(type));
    struct weir_str written = weir_encoder_encode(encoder, copy);
    require(written.data != NULL, "what was read cannot be written", bytes, len);
    require(scan(decoder, type, written.data, written.len, again), "what was written is refused",
            written.data, written.len);
    /* A set counts members that came twice; encoded they come once. */
    bool counted =
        type == &sample_type && weir_string_set_size(&((struct sample *)copy)->users) > 0;
    require(counted || weir_value_equals(type, copy, again),
            "a value changed on the way out and in", bytes, len);
    weir_encoder_free(encoder);
    weir_value_fini(type, copy);
}

/* Returns 1 when the message was accepted. */
static int try_message(const struct weir_type *type, const char *bytes, size_t len)
{
    char value[256] __attribute__((aligned(16)));
    weir_decoder *decoder = weir_decoder_new(weir_avro(type));
    /* From memory of exactly that size: the sanitizer sees a read past the end. */
    char *exact = malloc(len > 0 ? len : 1);
    memcpy(exact, bytes, len);
    bool accepted = scan(decoder, type, exact, len, value);
    if (accepted) {
        compare_with_oracle(type, value, exact, len);
        round_trip(type, decoder, value, exact, len);
    }
    free(exact);
    weir_decoder_free(decoder);
    return accepted;
}

/* The bytes also as a schema: most are none, but none may do harm. */
static void try_schema(const char *bytes, size_t len)
{
    char value[256] __attribute__((aligned(16)));
    char *text = malloc(len + 1);
    memcpy(text, bytes, len);
    text[len] = '\0';
    struct weir_error error = {0};
    struct weir_avro_config config = {.type = &sample_type, .writer_schema = text};
    if (weir_format_check(weir_avro_with(&config), &error) == WEIR_OK) {
        weir_decoder *decoder = weir_decoder_new(weir_avro_with(&config));
        (void)scan(decoder, &sample_type, bytes, len, value);
        weir_decoder_free(decoder);
    } else {
        require(error.message[0] != '\0', "an error says nothing", bytes, len);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct weir_type *const types[] = {&sample_type, &point_type, &node_type};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        (void)try_message(types[i], (const char *)data, size);
    }
    try_schema((const char *)data, size);
    return 0;
}
