import CCurl

/// The one owner of a URL as libcurl parses it.
final class CurlURL {
    private let pointer: OpaquePointer

    /// Nil where the text is no URL. `allowsAnyScheme` is for proxies, whose schemes are no protocols of libcurl.
    init?(_ text: String, allowsAnyScheme: Bool = false) {
        guard let pointer = curl_url() else { return nil }
        self.pointer = pointer
        let flags = allowsAnyScheme ? UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_DEFAULT_SCHEME) : 0
        guard curl_url_set(pointer, CURLUPART_URL, text, flags) == CURLUE_OK else { return nil }
    }

    deinit { curl_url_cleanup(pointer) }

    var scheme: String { part(CURLUPART_SCHEME) }
    /// An IPv6 address in brackets.
    var host: String { part(CURLUPART_HOST) }
    /// As written; empty where it is not.
    var explicitPort: String { part(CURLUPART_PORT, flags: 0) }
    /// As written, or that of the scheme.
    var port: String { part(CURLUPART_PORT) }
    var text: String { part(CURLUPART_URL) }

    /// False where the name cannot be one.
    func setHost(_ name: String) -> Bool { curl_url_set(pointer, CURLUPART_HOST, name, 0) == CURLUE_OK }

    private func part(_ part: CURLUPart, flags: Int32 = CURLU_DEFAULT_PORT) -> String {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(pointer, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return "" }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
