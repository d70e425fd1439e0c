/*
 * Whole lines on a shared stream (see line_writer.h).
 */
#include "connector/line_writer.h"

#include <errno.h>

#define FULL (32 * 1024) /* bytes */

static enum weir_status hand_over(struct weir__line_writer *writer, bool flush,
                                  struct weir_error *error)
{
    struct weir__line_target *target = writer->target;
    bool ok = true;
    int why = 0;
    if (writer->buf.len == 0) {
        return WEIR_OK;
    }
    flockfile(target->stream);
    errno = 0;
    if (target->heading != NULL) {
        ok = fprintf(target->stream, "%s\n", target->heading) >= 0;
        target->heading = NULL;
    }
    ok = ok && fwrite(writer->buf.data, 1, writer->buf.len, target->stream) == writer->buf.len;
    ok = ok && (!flush || fflush(target->stream) == 0);
    why = errno;
    funlockfile(target->stream);
    writer->buf.len = 0;
    if (!ok) {
        return weir_error_set(error, WEIR_IO, target->name, "cannot write: %s", strerror(why));
    }
    return WEIR_OK;
}

enum weir_status weir__line_writer_end_line(struct weir__line_writer *writer,
                                            struct weir_error *error)
{
    weir__buf_put_u8(&writer->buf, '\n');
    return writer->buf.len >= FULL ? hand_over(writer, false, error) : WEIR_OK;
}

enum weir_status weir__line_writer_flush(struct weir__line_writer *writer, struct weir_error *error)
{
    return hand_over(writer, true, error);
}
