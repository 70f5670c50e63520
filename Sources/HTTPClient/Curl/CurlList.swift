import CCurl

/// The one owner of a libcurl list of strings.
final class CurlList {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    init(_ lines: [String]) throws(HTTPFailure) {
        for line in lines {
            guard let longer = curl_slist_append(first, line) else {
                curl_slist_free_all(first)
                throw HTTPFailure(.cutShort, "out of memory for a request")
            }
            first = longer
        }
    }

    deinit { curl_slist_free_all(first) }
}
