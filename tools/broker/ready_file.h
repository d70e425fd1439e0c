/*
 * Ready files: how a server tells scripts that clients can connect, and where.
 */
#ifndef WEIR_TOOLS_BROKER_READY_FILE_H
#define WEIR_TOOLS_BROKER_READY_FILE_H

#include <stdbool.h>

/* Writes the text and a newline; whoever sees the file sees all of it. False: errno says why not.
 */
bool ready_file_write(const char *path, const char *text);

#endif
