/*
 * Ready files (see ready_file.h): written under another name first.
 */
#include "broker/ready_file.h"

#include <stdio.h>

bool ready_file_write(const char *path, const char *text)
{
    char temporary[4096];
    bool ok = snprintf(temporary, sizeof temporary, "%s.new", path) < (int)sizeof temporary;
    FILE *file = ok ? fopen(temporary, "w") : NULL;
    ok = file != NULL && fprintf(file, "%s\n", text) > 0;
    return (file == NULL || fclose(file) == 0) && ok && rename(temporary, path) == 0;
}
