/*
 * Descriptors of the plain scalars, and questions to a descriptor.
 */
#include <weir/type.h>

const struct weir_type weir_string_type = {
    .name = "string", .kind = WEIR_KIND_STRING, .size = sizeof(struct weir_str)};
const struct weir_type weir_int64_type = {
    .name = "int64", .kind = WEIR_KIND_INT64, .size = sizeof(int64_t)};
const struct weir_type weir_double_type = {
    .name = "double", .kind = WEIR_KIND_DOUBLE, .size = sizeof(double)};
const struct weir_type weir_bool_type = {
    .name = "bool", .kind = WEIR_KIND_BOOL, .size = sizeof(bool)};

const struct weir_field *weir_type_field(const struct weir_type *type, const char *name)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (strcmp(type->fields[i].name, name) == 0) {
            return &type->fields[i];
        }
    }
    return NULL;
}
