#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

// The type checks are macros around the variadic functions, which Swift cannot call anyway.
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

#endif
