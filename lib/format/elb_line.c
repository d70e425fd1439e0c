/*
 * Cutting access-log lines (see elb_line.h).
 */
#include "format/elb_line.h"

#include "base/iso_time.h"

const char *const weir__elb_names[WEIR__ELB_PARTS] = {
#define X(name, wire) wire,
    WEIR__ELB_MAP(X)
#undef X
};

/* What is still to be cut: text from `at` to `end`. */
struct rest {
    const char *at;
    const char *end;
};

static struct weir_str piece(const char *from, const char *to)
{
    return (struct weir_str){from, (uint32_t)(to - from)};
}

static struct weir_str or_null(struct weir_str text)
{
    return weir_str_equals(text, "-") ? (struct weir_str){NULL, 0} : text;
}

/* The next word, up to a space, which is taken too. False: no space, or nothing before it. */
static bool take_word(struct rest *rest, struct weir_str *word)
{
    const char *space = memchr(rest->at, ' ', (size_t)(rest->end - rest->at));
    if (space == NULL || space == rest->at) {
        return false;
    }
    *word = or_null(piece(rest->at, space));
    rest->at = space + 1;
    return true;
}

/* The last word, and the space before it. */
static bool take_last_word(struct rest *rest, struct weir_str *word)
{
    const char *from = rest->end;
    while (from > rest->at && from[-1] != ' ' && from[-1] != '"') {
        from--;
    }
    if (from == rest->end || from == rest->at || from[-1] != ' ') {
        return false;
    }
    *word = or_null(piece(from, rest->end));
    rest->end = from - 1;
    return true;
}

/* "10.0.6.158:80", or "-": neither. An IPv6 address has colons of its own. */
static bool cut_address(struct weir_str text, struct weir_str *ip, struct weir_str *port)
{
    const char *colon = text.data != NULL ? text.data + text.len : NULL;
    if (text.data == NULL) {
        *ip = *port = text;
        return true;
    }
    while (colon > text.data && colon[-1] != ':') {
        colon--;
    }
    if (colon <= text.data + 1 || colon == text.data + text.len) {
        return false;
    }
    *ip = piece(text.data, colon - 1);
    *port = piece(colon, text.data + text.len);
    return true;
}

/* "… HTTP/1.1" ends here. */
static bool ends_request(const char *from, const char *to)
{
    static const char protocol[] = " HTTP/";
    size_t len = sizeof(protocol) - 1;
    return (size_t)(to - from) >= len + 3 && memcmp(to - 3 - len, protocol, len) == 0;
}

/*
 * Where the first quoted text ends and the second begins: the position of quote, space, quote.
 * NULL: nowhere, or it cannot be said where.
 */
static const char *find_seam(const char *from, const char *end)
{
    const char *seam = NULL;
    const char *request = NULL;
    int seams = 0;
    int requests = 0;
    for (const char *at = from; end - at >= 3; at++) {
        if (memcmp(at, "\" \"", 3) == 0) {
            bool is_request = ends_request(from, at);
            seam = at;
            seams++;
            request = is_request ? at : request;
            requests += is_request;
        }
    }
    return seams == 1 ? seam : requests == 1 ? request : NULL;
}

/* "GET http://… HTTP/1.1": the address may have spaces in it. "- - - " of a connection that is not
 * HTTP: nothing. */
static bool cut_request(struct weir_str request, struct weir__elb_line *line)
{
    struct rest rest = {request.data, request.data + request.len};
    while (rest.end > rest.at && rest.end[-1] == ' ') {
        rest.end--;
    }
    if (!take_word(&rest, &line->part[WEIR__ELB_METHOD])) {
        return false;
    }
    const char *space = rest.end;
    while (space > rest.at && space[-1] != ' ') {
        space--;
    }
    if (space <= rest.at + 1) {
        return false;
    }
    line->part[WEIR__ELB_URL] = or_null(piece(rest.at, space - 1));
    line->part[WEIR__ELB_PROTOCOL] = or_null(piece(space, rest.end));
    return true;
}

/* Back to where the word that does not fit begins. */
static const char *expect_at(struct rest *rest, const char *from, const char *expected)
{
    rest->at = from;
    return expected;
}

/* The eleven words in front of the quotes. */
static const char *cut_words(struct rest *rest, struct weir__elb_line *line)
{
    static const enum weir__elb_part parts[] = {
        WEIR__ELB_REQUEST_TIME, WEIR__ELB_BACKEND_TIME,   WEIR__ELB_RESPONSE_TIME,
        WEIR__ELB_ELB_STATUS,   WEIR__ELB_BACKEND_STATUS, WEIR__ELB_RECEIVED,
        WEIR__ELB_SENT,
    };
    struct weir_str client;
    struct weir_str backend;
    const char *from = rest->at;
    if (!take_word(rest, &line->part[WEIR__ELB_TIME]) ||
        !weir__iso_time_parse(line->part[WEIR__ELB_TIME], &line->time_us)) {
        return expect_at(rest, from, "a time such as 2015-07-22T09:00:28.019143Z");
    }
    if (!take_word(rest, &line->part[WEIR__ELB_ELB])) {
        return "the load balancer's name";
    }
    from = rest->at;
    if (!take_word(rest, &client) || client.data == NULL ||
        !cut_address(client, &line->part[WEIR__ELB_CLIENT_IP],
                     &line->part[WEIR__ELB_CLIENT_PORT])) {
        return expect_at(rest, from, "the client as address:port");
    }
    from = rest->at;
    if (!take_word(rest, &backend) || !cut_address(backend, &line->part[WEIR__ELB_BACKEND_IP],
                                                   &line->part[WEIR__ELB_BACKEND_PORT])) {
        return expect_at(rest, from, "the backend as address:port, or -");
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!take_word(rest, &line->part[parts[i]])) {
            return "three times, two status codes and two sizes";
        }
    }
    return NULL;
}

const char *weir__elb_line_cut(struct weir_str text, struct weir__elb_line *line, size_t *offset)
{
    struct rest rest = {text.data, text.data + text.len};
    memset(line, 0, sizeof(*line));
    const char *expected = cut_words(&rest, line);
    *offset = (size_t)(rest.at - text.data);
    if (expected != NULL) {
        return expected;
    }
    if (!take_last_word(&rest, &line->part[WEIR__ELB_TLS]) ||
        !take_last_word(&rest, &line->part[WEIR__ELB_CIPHER])) {
        *offset = (size_t)(rest.end - text.data);
        return "a cipher and a protocol at the end";
    }
    if (rest.end - rest.at < 5 || *rest.at != '"' || rest.end[-1] != '"') {
        return "request and user agent in quotes";
    }
    const char *seam = find_seam(rest.at + 1, rest.end - 1);
    if (seam == NULL) {
        return "one place where the request ends and the user agent begins";
    }
    if (!cut_request(piece(rest.at + 1, seam), line)) {
        return "a request of method, address and protocol";
    }
    line->part[WEIR__ELB_USER_AGENT] = or_null(piece(seam + 3, rest.end - 1));
    return NULL;
}
