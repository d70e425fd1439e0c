/*
 * What S3 answers in XML, as far as it is asked for: the text of elements that are known by name.
 * Not a parser: S3 writes no comments, no CDATA, and no attribute that matters.
 */
#ifndef WEIR__CONNECTOR_S3_XML_H
#define WEIR__CONNECTOR_S3_XML_H

#include "base/buf.h"

/*
 * The content of the first element `name` in the text: still XML, a view of it. Null: there is
 * none. *rest (may be NULL) gets what comes behind the element.
 */
struct weir_str weir__s3_xml_element(struct weir_str text, const char *name, struct weir_str *rest);

/* Replaces *out by the content as text (entities resolved), with a NUL behind its len. */
void weir__s3_xml_text(struct weir_str content, struct weir__buf *out);

/* Appends text as content. */
void weir__s3_xml_put(struct weir__buf *out, struct weir_str text);

#endif
