// stdbool first: without it ldns makes `bool` a signed char and Swift imports its predicates as integers.
#include <stdbool.h>
#include <ldns/ldns.h>
