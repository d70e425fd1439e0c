/*
 * XML of S3.
 */
#include "connector/s3_xml.h"

#include "base/mem.h"

#include <stdlib.h>

/* Where `part` begins in the text, or NULL. */
static const char *find(struct weir_str text, const char *part, size_t len)
{
    for (uint32_t at = 0; text.data != NULL && at + len <= text.len; at++) {
        if (memcmp(text.data + at, part, len) == 0) {
            return text.data + at;
        }
    }
    return NULL;
}

static struct weir_str from(const char *at, struct weir_str text)
{
    return (struct weir_str){at, (uint32_t)(text.data + text.len - at)};
}

/* <name>, or <name xmlns="…">: what follows its ">"; null: it is not there, or is empty (<name/>).
 */
static struct weir_str behind_tag(struct weir_str text, const char *name)
{
    char *tag = weir__asprintf("<%s", name);
    size_t len = strlen(tag);
    struct weir_str found = {NULL, 0};
    const char *at;
    while (found.data == NULL && (at = find(text, tag, len)) != NULL) {
        text = from(at + len, text);
        const char *end = text.len > 0 ? memchr(text.data, '>', text.len) : NULL;
        if (end != NULL && (end == text.data || text.data[0] == ' ') && end[-1] != '/') {
            found = from(end + 1, text);
        }
    }
    weir__free(tag);
    return found;
}

struct weir_str weir__s3_xml_element(struct weir_str text, const char *name, struct weir_str *rest)
{
    struct weir_str none = {NULL, 0};
    struct weir_str content = behind_tag(text, name);
    if (rest != NULL) {
        *rest = none;
    }
    if (content.data == NULL) {
        return none;
    }
    char *tag = weir__asprintf("</%s>", name);
    size_t len = strlen(tag);
    const char *end = find(content, tag, len);
    weir__free(tag);
    if (end == NULL) {
        return none;
    }
    if (rest != NULL) {
        *rest = from(end + len, content);
    }
    content.len = (uint32_t)(end - content.data);
    return content;
}

static const struct entity {
    const char *text;
    char meaning;
} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

/* The entity at the beginning of the text: its length, 0 for none. "&#13;" is one too. */
static size_t entity_at(struct weir_str text, char *meaning)
{
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        size_t len = strlen(entities[i].text);
        if (text.len >= len && memcmp(text.data, entities[i].text, len) == 0) {
            *meaning = entities[i].meaning;
            return len;
        }
    }
    const char *end = text.len > 3 && text.data[1] == '#' ? memchr(text.data, ';', text.len) : NULL;
    if (end == NULL || end - text.data > 6) {
        return 0;
    }
    bool hex = text.data[2] == 'x';
    long code = strtol(text.data + (hex ? 3 : 2), NULL, hex ? 16 : 10);
    *meaning = (char)code;
    return code > 0 && code < 0x80 ? (size_t)(end + 1 - text.data) : 0;
}

void weir__s3_xml_text(struct weir_str content, struct weir__buf *out)
{
    out->len = 0;
    for (uint32_t at = 0; at < content.len;) {
        struct weir_str left = {content.data + at, content.len - at};
        char meaning = left.data[0];
        size_t len = meaning == '&' ? entity_at(left, &meaning) : 0;
        weir__buf_put_u8(out, (uint8_t)meaning);
        at += len > 0 ? (uint32_t)len : 1;
    }
    weir__buf_reserve(out, 1);
    out->data[out->len] = '\0';
}

void weir__s3_xml_put(struct weir__buf *out, struct weir_str text)
{
    for (uint32_t i = 0; i < text.len; i++) {
        const struct entity *entity = entities;
        const struct entity *end = entities + sizeof entities / sizeof entities[0];
        while (entity < end && entity->meaning != text.data[i]) {
            entity++;
        }
        if (entity < end) {
            weir__buf_put(out, entity->text, strlen(entity->text));
        } else {
            weir__buf_put_u8(out, (uint8_t)text.data[i]);
        }
    }
}
