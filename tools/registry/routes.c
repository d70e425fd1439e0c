/*
 * Routes (see routes.h; what they answer is listed in server.h).
 */
#include "registry/routes.h"

#include "base/escape.h"

#include <weir/format.h>

#include <stdlib.h>

#define REQUEST_FIELDS(F, T)                                                                       \
    F(T, string, schema, "schema", nullable)                                                       \
    F(T, string, schema_type, "schemaType", nullable)                                              \
    F(T, string, compatibility, "compatibility", nullable)
WEIR_DECLARE_TYPE(registry_body, REQUEST_FIELDS);
WEIR_DEFINE_TYPE(registry_body, REQUEST_FIELDS);

enum { MOST_PARTS = 6 };

/* A request in hand. */
struct call {
    struct registry_store *store;
    const char *method;
    char path[1024];
    const char *parts[MOST_PARTS]; /* of the path, in `path` */
    int count;
    struct registry_body body; /* views of the request, or of the decoder */
    struct weir__buf *answer;
};

/* ---- answers ---- */

int registry_refuse(struct weir__buf *answer, int error_code, const char *message)
{
    answer->len = 0;
    weir__buf_printf(answer, "{\"error_code\":%d,\"message\":", error_code);
    weir__buf_put_json_string(answer, weir_str_from(message));
    weir__buf_put_u8(answer, '}');
    return error_code >= 1000 ? error_code / 100 : error_code;
}

static int refuse(struct call *call, int error_code, const char *message)
{
    return registry_refuse(call->answer, error_code, message);
}

static void put_member(struct weir__buf *out, const char *before, const char *text)
{
    weir__buf_printf(out, "%s", before);
    weir__buf_put_json_string(out, weir_str_from(text));
}

static int answer_text(struct call *call, const char *before, const char *text)
{
    put_member(call->answer, before, text);
    weir__buf_put_u8(call->answer, '}');
    return 200;
}

/* [1,2,3] */
static int answer_numbers(struct call *call, int32_t count)
{
    weir__buf_put_u8(call->answer, '[');
    for (int32_t i = 1; i <= count; i++) {
        weir__buf_printf(call->answer, "%s%d", i > 1 ? "," : "", (int)i);
    }
    weir__buf_put_u8(call->answer, ']');
    return 200;
}

static int answer_version(struct call *call, const struct registry_subject *subject,
                          int32_t version)
{
    int32_t id = *(int32_t *)weir__vec_at(&subject->versions, (size_t)version - 1);
    put_member(call->answer, "{\"subject\":", subject->name);
    weir__buf_printf(call->answer, ",\"version\":%d,\"id\":%d", (int)version, (int)id);
    return answer_text(call, ",\"schema\":", registry_store_schema(call->store, id)->text);
}

/* ---- what requests name ---- */

/* NULL, with the answer written: no such subject, or none with versions. */
static struct registry_subject *subject_of(struct call *call, const char *name)
{
    struct registry_subject *subject = registry_store_subject(call->store, name);
    if (subject == NULL || subject->versions.count == 0) {
        (void)refuse(call, 40401, "Subject not found.");
        return NULL;
    }
    return subject;
}

/* "latest" or a number; 0, with the answer written, when there is no such version. */
static int32_t version_of(struct call *call, const struct registry_subject *subject,
                          const char *text, int *status)
{
    char *end;
    long number = strtol(text, &end, 10);
    if (strcmp(text, "latest") == 0 || strcmp(text, "-1") == 0) {
        return (int32_t)subject->versions.count;
    }
    if (end == text || *end != '\0' || number < 1) {
        *status = refuse(call, 42202, "The version is not a number of 1 or more, nor latest.");
        return 0;
    }
    if ((uint64_t)number > subject->versions.count) {
        *status = refuse(call, 40402, "Version not found.");
        return 0;
    }
    return (int32_t)number;
}

/* False, with the answer written: the body names no Avro schema. */
static bool has_schema(struct call *call, int *status)
{
    bool avro =
        weir_str_is_null(call->body.schema_type) || weir_str_equals(call->body.schema_type, "AVRO");
    if (!avro || weir_str_is_null(call->body.schema)) {
        *status =
            refuse(call, 42201,
                   avro ? "The body has no \"schema\"." : "Only Avro schemas are known here.");
        return false;
    }
    return true;
}

/* ---- the routes ---- */

static int get_subjects(struct call *call)
{
    const struct weir__vec *subjects = &call->store->subjects;
    bool first = true;
    weir__buf_put_u8(call->answer, '[');
    for (size_t i = 0; i < subjects->count; i++) {
        const struct registry_subject *subject = weir__vec_at(subjects, i);
        if (subject->versions.count > 0) {
            put_member(call->answer, first ? "" : ",", subject->name);
            first = false;
        }
    }
    weir__buf_put_u8(call->answer, ']');
    return 200;
}

static int get_versions(struct call *call)
{
    const struct registry_subject *subject = subject_of(call, call->parts[1]);
    return subject != NULL ? answer_numbers(call, (int32_t)subject->versions.count) : 404;
}

static int get_version(struct call *call)
{
    int status = 404;
    const struct registry_subject *subject = subject_of(call, call->parts[1]);
    int32_t version = subject != NULL ? version_of(call, subject, call->parts[3], &status) : 0;
    return version > 0 ? answer_version(call, subject, version) : status;
}

static int post_version(struct call *call)
{
    int status = 422;
    int32_t id = 0;
    struct weir_error error = {0};
    if (!has_schema(call, &status)) {
        return status;
    }
    if (strlen(call->parts[1]) > REGISTRY_NAME_BYTES) {
        return refuse(call, 42208, "The subject's name is longer than 255 bytes.");
    }
    switch (
        (int)registry_store_register(call->store, call->parts[1], call->body.schema, &id, &error)) {
    case WEIR_OK:
        weir__buf_printf(call->answer, "{\"id\":%d}", (int)id);
        return 200;
    case WEIR_MISMATCH:
        return refuse(call, 409, error.message);
    case WEIR_LIMIT:
        return refuse(call, 50001, error.message);
    default:
        return refuse(call, 42201, error.message);
    }
}

static int post_subject(struct call *call)
{
    int status = 422;
    if (!has_schema(call, &status)) {
        return status;
    }
    const struct registry_subject *subject = subject_of(call, call->parts[1]);
    if (subject == NULL) {
        return 404;
    }
    int32_t version = registry_store_lookup(call->store, subject, call->body.schema);
    return version > 0 ? answer_version(call, subject, version)
                       : refuse(call, 40403, "Schema not found.");
}

static int delete_subject(struct call *call)
{
    struct registry_subject *subject = subject_of(call, call->parts[1]);
    if (subject == NULL) {
        return 404;
    }
    int32_t count = (int32_t)subject->versions.count;
    registry_store_delete(call->store, subject);
    return answer_numbers(call, count);
}

static int get_schema(struct call *call)
{
    char *end;
    long id = strtol(call->parts[2], &end, 10);
    const struct registry_schema *schema =
        end != call->parts[2] && *end == '\0' ? registry_store_schema(call->store, id) : NULL;
    return schema != NULL ? answer_text(call, "{\"schema\":", schema->text)
                          : refuse(call, 40403, "Schema not found.");
}

static int get_types(struct call *call)
{
    weir__buf_printf(call->answer, "[\"AVRO\"]");
    return 200;
}

static int post_compatibility(struct call *call)
{
    int status = 422;
    struct weir_error error = {0};
    if (!has_schema(call, &status)) {
        return status;
    }
    const struct registry_subject *subject = subject_of(call, call->parts[2]);
    int32_t version = 0;
    status = 404;
    if (subject != NULL) {
        version = version_of(call, subject, call->parts[4], &status);
    }
    if (version == 0) {
        return status;
    }
    enum weir_status checked =
        registry_store_check(call->store, subject, version, call->body.schema, &error);
    if (checked != WEIR_OK && checked != WEIR_MISMATCH) {
        return refuse(call, 42201, error.message);
    }
    weir__buf_printf(call->answer, "{\"is_compatible\":%s", checked == WEIR_OK ? "true}" : "false");
    if (checked != WEIR_OK) {
        put_member(call->answer, ",\"messages\":[", error.message);
        weir__buf_printf(call->answer, "]}");
    }
    return 200;
}

static int get_config(struct call *call)
{
    const struct registry_subject *subject =
        call->count > 1 ? registry_store_subject(call->store, call->parts[1]) : NULL;
    if (call->count > 1 && (subject == NULL || subject->rule == REGISTRY_NO_RULE)) {
        return refuse(call, 40408, "The subject has no compatibility rule of its own.");
    }
    return answer_text(call, "{\"compatibilityLevel\":",
                       registry_rule_names[registry_store_rule(call->store, subject)]);
}

static int put_config(struct call *call)
{
    enum registry_rule rule = registry_rule_of(call->body.compatibility);
    if (rule == REGISTRY_NO_RULE) {
        return refuse(call, 42203,
                      "Expected \"compatibility\" to be NONE, BACKWARD, FORWARD, FULL, or one of "
                      "these with _TRANSITIVE.");
    }
    if (call->count == 1) {
        call->store->rule = rule;
    } else if (strlen(call->parts[1]) > REGISTRY_NAME_BYTES ||
               !registry_store_set_rule(call->store, call->parts[1], rule)) {
        return refuse(call, 50001, "A name too long, or too many subjects.");
    }
    return answer_text(call, "{\"compatibility\":", registry_rule_names[rule]);
}

/* ---- finding the route; * is any part ---- */

static const struct route {
    const char *method;
    int count;
    const char *parts[MOST_PARTS];
    int (*handle)(struct call *call);
} routes[] = {
    {"GET", 1, {"subjects"}, get_subjects},
    {"GET", 3, {"subjects", "*", "versions"}, get_versions},
    {"POST", 3, {"subjects", "*", "versions"}, post_version},
    {"GET", 4, {"subjects", "*", "versions", "*"}, get_version},
    {"POST", 2, {"subjects", "*"}, post_subject},
    {"DELETE", 2, {"subjects", "*"}, delete_subject},
    {"GET", 3, {"schemas", "ids", "*"}, get_schema},
    {"GET", 2, {"schemas", "types"}, get_types},
    {"POST", 5, {"compatibility", "subjects", "*", "versions", "*"}, post_compatibility},
    {"GET", 1, {"config"}, get_config},
    {"GET", 2, {"config", "*"}, get_config},
    {"PUT", 1, {"config"}, put_config},
    {"PUT", 2, {"config", "*"}, put_config},
};

static bool is_path(const struct route *route, const struct call *call)
{
    bool is = route->count == call->count;
    for (int i = 0; is && i < call->count; i++) {
        is = strcmp(route->parts[i], "*") == 0 || strcmp(route->parts[i], call->parts[i]) == 0;
    }
    return is;
}

static int dispatch(struct call *call)
{
    bool known = false;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (is_path(&routes[i], call)) {
            known = true;
            if (strcmp(routes[i].method, call->method) == 0) {
                return routes[i].handle(call);
            }
        }
    }
    return known ? refuse(call, 405, "HTTP 405 Method Not Allowed")
                 : refuse(call, 404, "HTTP 404 Not Found");
}

/* Cuts the path into its parts; false: too long, or too many. */
static bool cut_path(struct call *call, const char *path)
{
    char *rest = NULL;
    size_t len = strlen(path);
    if (len >= sizeof call->path) {
        return false;
    }
    memcpy(call->path, path, len + 1);
    for (char *part = strtok_r(call->path, "/", &rest); part != NULL;
         part = strtok_r(NULL, "/", &rest)) {
        if (call->count == MOST_PARTS) {
            return false;
        }
        call->parts[call->count++] = part;
    }
    return true;
}

int registry_answer(struct registry_store *store, const struct registry_request *request,
                    struct weir__buf *answer)
{
    struct call call = {.store = store, .method = request->method, .answer = answer};
    struct weir_error error = {0};
    answer->len = 0;
    if (!cut_path(&call, request->path)) {
        return refuse(&call, 404, "HTTP 404 Not Found");
    }
    weir_decoder *decoder = weir_decoder_new(weir_json(&registry_body_type));
    int status;
    if (request->body.len > 0 && weir_decoder_decode(decoder, request->body.data, request->body.len,
                                                     &call.body, &error) != WEIR_OK) {
        status = refuse(&call, 42201, error.message);
    } else {
        status = dispatch(&call);
    }
    weir_decoder_free(decoder);
    return status;
}
