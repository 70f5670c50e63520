// stdbool first: without it ldns makes `bool` a signed char and Swift imports its predicates as integers.
#include <stdbool.h>
#include <ldns/ldns.h>

// The format is a global variable, which Swift cannot read safely.
static inline char *clusterdns_record_text(const ldns_rr *record) {
    return ldns_rr2str_fmt(ldns_output_format_nocomments, record);
}
