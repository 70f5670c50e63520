import CCurl
import Glibc

/// The one owner of a libcurl easy handle: a request with its options, and what is known of it at its end.
final class CurlEasy {
    let pointer: UnsafeMutableRawPointer
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var lists: [CurlList] = []

    init() throws(HTTPFailure) {
        CurlEasy.setUpOnce
        guard let pointer = curl_easy_init() else {
            errorText.deallocate()
            throw HTTPFailure(.cutShort, "out of memory for a request")
        }
        self.pointer = pointer
        errorText.pointee = 0
        ccurl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
    }

    deinit {
        curl_easy_cleanup(pointer)
        errorText.deallocate()
    }

    /// Global set-up of libcurl and OpenSSL; whoever asks first does it.
    private static let setUpOnce: Void = { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    // MARK: Options

    func set(_ option: CURLoption, _ value: Int) throws(HTTPFailure) {
        try check(ccurl_set_long(pointer, option, value), option)
    }

    func set(_ option: CURLoption, _ value: Bool) throws(HTTPFailure) { try set(option, value ? 1 : 0) }

    /// libcurl copies the text; nil is libcurl's default.
    func set(_ option: CURLoption, _ text: String?) throws(HTTPFailure) {
        guard let text else { return try check(ccurl_set_pointer(pointer, option, nil), option) }
        try check(text.withCString { ccurl_set_pointer(pointer, option, $0) }, option)
    }

    func set(_ option: CURLoption, blob bytes: [UInt8]) throws(HTTPFailure) {
        try check(bytes.withUnsafeBytes { ccurl_set_blob(pointer, option, $0.baseAddress, $0.count) }, option)
    }

    func set(_ option: CURLoption, list lines: [String]) throws(HTTPFailure) {
        let list = try CurlList(lines)
        lists.append(list)
        try check(ccurl_set_pointer(pointer, option, list.first), option)
    }

    /// libcurl copies the bytes.
    func setBody(_ bytes: [UInt8]) throws(HTTPFailure) {
        try check(ccurl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)), CURLOPT_POST)
        // Without content there is an address all the same, for none would mean that it is read from elsewhere.
        let code = (bytes + [0]).withUnsafeBytes {
            ccurl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
        }
        try check(code, CURLOPT_COPYPOSTFIELDS)
    }

    /// The functions that take head and content, and what they are called with.
    func setReceivers(
        head: @escaping CurlDataFunction, content: @escaping CurlDataFunction, context: UnsafeMutableRawPointer
    ) throws(HTTPFailure) {
        try check(ccurl_set_data_function(pointer, CURLOPT_HEADERFUNCTION, head), CURLOPT_HEADERFUNCTION)
        try check(ccurl_set_pointer(pointer, CURLOPT_HEADERDATA, context), CURLOPT_HEADERDATA)
        try check(ccurl_set_data_function(pointer, CURLOPT_WRITEFUNCTION, content), CURLOPT_WRITEFUNCTION)
        try check(ccurl_set_pointer(pointer, CURLOPT_WRITEDATA, context), CURLOPT_WRITEDATA)
    }

    func setOpenSocket(_ function: @escaping curl_opensocket_callback) throws(HTTPFailure) {
        try check(ccurl_set_open_socket_function(pointer, function), CURLOPT_OPENSOCKETFUNCTION)
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(HTTPFailure) {
        guard code != CURLE_OK else { return }
        throw HTTPFailure(
            code == CURLE_OUT_OF_MEMORY ? .cutShort : .misconfigured,
            "libcurl does not take option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))")
    }

    // MARK: Outcome

    /// What libcurl says about the end of the request.
    func outcome(_ code: CURLcode) -> CurlOutcome {
        var text = String(cString: errorText)
        if text.isEmpty { text = String(cString: curl_easy_strerror(code)) }
        return CurlOutcome(
            code: code, systemError: Int32(truncatingIfNeeded: info(CURLINFO_OS_ERRNO)),
            verification: info(CURLINFO_SSL_VERIFYRESULT), proxyStatus: info(CURLINFO_HTTP_CONNECTCODE),
            text: text,
            certificateNames: code == CURLE_PEER_FAILED_VERIFICATION ? certificateNames : "")
    }

    private func info(_ info: CURLINFO) -> Int {
        var value = 0
        return ccurl_get_long(pointer, info, &value) == CURLE_OK ? value : 0
    }

    /// The alternative names in the server's own certificate, where libcurl got so far as to read them.
    private var certificateNames: String {
        var certificates: UnsafeMutablePointer<curl_certinfo>?
        guard ccurl_get_certificates(pointer, &certificates) == CURLE_OK, let found = certificates?.pointee,
            found.num_of_certs > 0
        else { return "" }
        let key = "X509v3 Subject Alternative Name:"
        var next = found.certinfo[0]
        while let line = next {
            let text = String(cString: line.pointee.data)
            if text.hasPrefix(key) { return String(text.dropFirst(key.count)) }
            next = line.pointee.next
        }
        return ""
    }
}

/// What libcurl calls with bytes that came.
typealias CurlDataFunction =
    @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int

/// The end of a request in libcurl's words.
struct CurlOutcome {
    var code: CURLcode
    var systemError: Int32 = 0
    /// OpenSSL's `X509_V_…`.
    var verification = 0
    /// What a proxy answered to CONNECT; 0 without one.
    var proxyStatus = 0
    var text = ""
    /// `DNS:localhost, IP Address:127.0.0.1`; empty where unknown.
    var certificateNames = ""
}
