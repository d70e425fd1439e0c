/*
 * What a search engine answers to a bulk request, and what that means.
 *
 *     {"errors":true,"items":[{"index":{"status":201}},
 *                             {"index":{"status":400,"error":{"type":"…","reason":"…"}}}]}
 *     {"error":{"type":"…","reason":"…"},"status":429}       an answer to the request as a whole
 *
 * One thread.
 */
#ifndef WEIR__CONNECTOR_OPENSEARCH_ANSWER_H
#define WEIR__CONNECTOR_OPENSEARCH_ANSWER_H

#include "base/buf.h"

#include <weir/status.h>

/* Asks for what is read here, and not for all that is known of each document. */
#define WEIR__SEARCH_FILTER                                                                        \
    "filter_path=errors,error.type,error.reason,items.*.status,items.*.error"

enum weir__search_verdict {
    WEIR__SEARCH_TAKEN,
    WEIR__SEARCH_LATER,   /* worth another try */
    WEIR__SEARCH_REFUSED, /* this document will never be taken */
    WEIR__SEARCH_HOPELESS /* no document will, until somebody changes something */
};

enum weir__search_verdict weir__search_verdict_on_document(int64_t status);
enum weir__search_verdict weir__search_verdict_on_request(long status);

struct weir__search_answer;

struct weir__search_answer *weir__search_answer_new(void);
void weir__search_answer_free(struct weir__search_answer *answer);

/*
 * Reads the answer (status 200) to a request with `documents`. Errors: WEIR_IO (it is no such
 * answer); its reason is in *error. Results hold until the next call.
 */
WEIR_MUST_USE enum weir_status weir__search_answer_read(struct weir__search_answer *answer,
                                                        struct weir_str text, size_t documents,
                                                        struct weir_error *error);

/* The status of a document, and "type: reason", printable, where it has an error. */
int64_t weir__search_answer_status(const struct weir__search_answer *answer, size_t document);
void weir__search_answer_reason(const struct weir__search_answer *answer, size_t document,
                                char *text, size_t size);

/* "type: reason" of an answer to the whole request, or the beginning of what it says; printable. */
void weir__search_answer_said(struct weir__search_answer *answer, struct weir_str text, char *said,
                              size_t size);

#endif
