/*
 * Dead letters. The text buffer holds the reason and then the payload, both printable whatever the
 * bytes were.
 */
#include "operator/dead_letter.h"

#include "base/escape.h"

WEIR_DEFINE_TYPE(weir_dead_letter, WEIR_DEAD_LETTER_FIELDS);

const struct weir_output_tag weir_dead_letters = {.name = "dead-letters",
                                                  .type = &weir_dead_letter_type};

void weir__dead_letter_fill(struct weir_dead_letter *letter, const char *source, int32_t split,
                            int64_t position, struct weir_str bytes,
                            const struct weir_error *reason, struct weir__buf *text)
{
    if (bytes.len > WEIR__DEAD_LETTER_BYTES) {
        bytes.len = WEIR__DEAD_LETTER_BYTES;
    }
    text->len = 0;
    if (reason->where[0] != '\0') {
        weir__buf_put_printable(text, weir_str_from(reason->where));
        weir__buf_put_printable(text, WEIR_STR(": "));
    }
    weir__buf_put_printable(text, weir_str_from(reason->message));
    size_t reason_len = text->len;
    weir__buf_put_printable(text, bytes);
    weir__buf_reserve(text, 1); /* an empty text has an address too: it is not null */
    *letter = (struct weir_dead_letter){
        .source = weir_str_from(source),
        .split = split,
        .position = position,
        .reason = {text->data, (uint32_t)reason_len},
        .payload = {text->data + reason_len, (uint32_t)(text->len - reason_len)},
    };
}
