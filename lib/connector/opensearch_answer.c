/*
 * Answers of a search engine (see opensearch_answer.h).
 */
#include "connector/opensearch_answer.h"

#include "base/escape.h"
#include "base/mem.h"

#include <weir/format.h>

#include <stdio.h>

#define ERROR_FIELDS(F, T)                                                                         \
    F(T, string, type, "type", nullable)                                                           \
    F(T, string, reason, "reason", nullable)
WEIR_DECLARE_TYPE(search_error, ERROR_FIELDS);
WEIR_DEFINE_TYPE(search_error, ERROR_FIELDS);

#define RESULT_FIELDS(F, T)                                                                        \
    F(T, int64, status, "status", required)                                                        \
    F(T, structure, error, "error", nullable, search_error)
WEIR_DECLARE_TYPE(search_result, RESULT_FIELDS);
WEIR_DEFINE_TYPE(search_result, RESULT_FIELDS);

#define ITEM_FIELDS(F, T) F(T, structure, index, "index", required, search_result)
WEIR_DECLARE_TYPE(search_item, ITEM_FIELDS);
WEIR_DEFINE_TYPE(search_item, ITEM_FIELDS);

#define ANSWER_FIELDS(F, T)                                                                        \
    F(T, boolean, errors, "errors", required)                                                      \
    F(T, list, items, "items", required, search_item)
WEIR_DECLARE_TYPE(search_answer, ANSWER_FIELDS);
WEIR_DEFINE_TYPE(search_answer, ANSWER_FIELDS);

/* Of the request as a whole. */
#define FAILURE_FIELDS(F, T) F(T, structure, error, "error", required, search_error)
WEIR_DECLARE_TYPE(search_failure, FAILURE_FIELDS);
WEIR_DEFINE_TYPE(search_failure, FAILURE_FIELDS);

struct weir__search_answer {
    weir_decoder *answers;
    weir_decoder *failures;
    struct search_answer read; /* its strings are views of the text, or the decoder's */
};

static bool is_worth_another_try(int64_t status)
{
    return status == 408 || status == 429 || status >= 500;
}

/* 401, 403, 404: about the index and who may write to it, and not about the document. */
enum weir__search_verdict weir__search_verdict_on_document(int64_t status)
{
    if (status >= 200 && status <= 299) {
        return WEIR__SEARCH_TAKEN;
    }
    if (is_worth_another_try(status)) {
        return WEIR__SEARCH_LATER;
    }
    return status == 401 || status == 403 || status == 404 ? WEIR__SEARCH_HOPELESS
                                                           : WEIR__SEARCH_REFUSED;
}

enum weir__search_verdict weir__search_verdict_on_request(long status)
{
    if (status >= 200 && status <= 299) {
        return WEIR__SEARCH_TAKEN;
    }
    return is_worth_another_try(status) ? WEIR__SEARCH_LATER : WEIR__SEARCH_HOPELESS;
}

struct weir__search_answer *weir__search_answer_new(void)
{
    struct weir__search_answer *answer = WEIR__NEW(struct weir__search_answer);
    answer->answers = weir_decoder_new(weir_json(&search_answer_type));
    answer->failures = weir_decoder_new(weir_json(&search_failure_type));
    return answer;
}

void weir__search_answer_free(struct weir__search_answer *answer)
{
    if (answer != NULL) {
        weir_decoder_free(answer->answers);
        weir_decoder_free(answer->failures);
        weir__free(answer);
    }
}

enum weir_status weir__search_answer_read(struct weir__search_answer *answer, struct weir_str text,
                                          size_t documents, struct weir_error *error)
{
    struct weir_error why = {0};
    enum weir_status status =
        weir_decoder_decode(answer->answers, text.data, text.len, &answer->read, &why);
    if (status != WEIR_OK) {
        return weir_error_set(error, WEIR_IO, NULL,
                              "expected a search engine's answer to a bulk request, got something "
                              "else (%.200s); is the URL right?",
                              why.message);
    }
    if (answer->read.items.count != documents) {
        return weir_error_set(error, WEIR_IO, NULL,
                              "expected an answer about %zu documents, got one about %u; is the "
                              "URL right?",
                              documents, (unsigned)answer->read.items.count);
    }
    return WEIR_OK;
}

static const struct search_result *result_at(const struct weir__search_answer *answer,
                                             size_t document)
{
    const struct search_item *item =
        weir_list_at(&answer->read.items, &search_item_type, (uint32_t)document);
    return &item->index;
}

int64_t weir__search_answer_status(const struct weir__search_answer *answer, size_t document)
{
    return result_at(answer, document)->status;
}

static void describe(const struct search_error *error, char *text, size_t size)
{
    char type[80];
    char reason[320];
    weir__printable(error->type, type, sizeof type);
    weir__printable(error->reason, reason, sizeof reason);
    snprintf(text, size, "%s%s%s", type, reason[0] != '\0' ? ": " : "", reason);
}

void weir__search_answer_reason(const struct weir__search_answer *answer, size_t document,
                                char *text, size_t size)
{
    describe(&result_at(answer, document)->error, text, size);
}

void weir__search_answer_said(struct weir__search_answer *answer, struct weir_str text, char *said,
                              size_t size)
{
    struct search_failure failure;
    if (weir_decoder_decode(answer->failures, text.data, text.len, &failure, NULL) == WEIR_OK) {
        describe(&failure.error, said, size);
        return;
    }
    weir__printable(text, said, size < 200 ? size : 200);
}
