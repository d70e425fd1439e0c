/*
 * The load balancer's request: its descriptor.
 */
#include <clickstream/elb_request.h>

WEIR_DEFINE_TYPE(elb_request, ELB_REQUEST_FIELDS);
