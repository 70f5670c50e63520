import CCurl
import CLinux
import Glibc

extension CurlEasy {
    /// Sets every option of a request.
    func apply(_ request: HTTPRequest, to target: RequestTarget, userAgent: String) throws(HTTPFailure) {
        try setHouseRules()
        try setConnection(request.transport, target)
        try setTLS(request.transport, target)
        try set(CURLOPT_URL, target.url)
        try set(CURLOPT_USERAGENT, userAgent)
        try set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds)
        try setMethod(request)
        try set(CURLOPT_HTTPHEADER, list: HeaderLines(request, target).lines)
    }

    /// What holds for every request.
    private func setHouseRules() throws(HTTPFailure) {
        try set(CURLOPT_NOSIGNAL, true)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, false)
        try set(CURLOPT_BUFFERSIZE, Limits.bufferLength)
        try set(CURLOPT_MAXAGE_CONN, Limits.idleSecondsMax)
        try set(CURLOPT_TCP_KEEPALIVE, true)
        try set(CURLOPT_TCP_KEEPIDLE, Limits.keepAliveSeconds)
        try set(CURLOPT_TCP_KEEPINTVL, Limits.keepAliveAttemptSeconds)
        // An address that has moved is found with the next connection.
        try set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        // A request that ends does not wait, and the queue with it, for a name server that does not answer.
        try set(CURLOPT_QUICK_EXIT, true)
        try setOpenSocket(CurlEasy.openSocket)
    }

    /// Programs that we start, for credentials, inherit no connections.
    private static let openSocket: curl_opensocket_callback = { _, _, address in
        guard let address = address?.pointee else { return -1 }
        return socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
    }

    private func setConnection(_ transport: HTTPTransport, _ target: RequestTarget) throws(HTTPFailure) {
        // Empty means none, where nothing would mean that of the environment.
        try set(CURLOPT_PROXY, target.proxy?.url ?? "")
        try set(CURLOPT_NOPROXY, "")
        try set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        // Requests wait until it is known whether a connection under way can be shared. Without TLS none can.
        try set(CURLOPT_PIPEWAIT, target.isSecure)
        if let connectTo = target.connectTo { try set(CURLOPT_CONNECT_TO, list: [connectTo]) }
    }

    private func setMethod(_ request: HTTPRequest) throws(HTTPFailure) {
        switch request.method {
        case "GET" where request.body.isEmpty: try set(CURLOPT_HTTPGET, true)
        case "HEAD": try set(CURLOPT_NOBODY, true)
        case "POST":
            try set(CURLOPT_POST, true)
            try setBody(request.body)
        default:
            guard !request.method.isEmpty, request.method.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw HTTPFailure(.misconfigured, "'\(request.method)' is not a method of HTTP")
            }
            if !request.body.isEmpty { try setBody(request.body) }
            try set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }
}

/// The header fields of a request as libcurl takes them.
struct HeaderLines {
    private(set) var lines: [String] = []

    init(_ request: HTTPRequest, _ target: RequestTarget) throws(HTTPFailure) {
        guard request.headers.count <= Limits.requestHeadersMax else {
            throw HTTPFailure(.misconfigured, "a request has more than \(Limits.requestHeadersMax) header fields")
        }
        if let host = target.hostField { lines.append("Host: \(host)") }
        // What libcurl would add by itself.
        for name in ["Accept", "Content-Type", "Expect"] where !request.headers.contains(where: { $0.isNamed(name) }) {
            lines.append("\(name):")
        }
        var byteCount = 0
        for field in request.headers where !field.isNamed("User-Agent") && !field.isNamed("Host") {
            guard field.isSendable else {
                throw HTTPFailure(.misconfigured, "the header field '\(field.name)' has bytes that cannot be sent")
            }
            byteCount += field.name.utf8.count + field.value.utf8.count
            // libcurl's form of a field without a value.
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        guard byteCount <= Limits.requestHeaderBytesMax else {
            throw HTTPFailure(
                .misconfigured, "a request has more than \(Limits.requestHeaderBytesMax) bytes of header fields")
        }
    }
}

extension HTTPHeader {
    fileprivate func isNamed(_ other: String) -> Bool { name.lowercased() == other.lowercased() }

    /// RFC 9110 §5.5: nothing that would end the line, nor the text.
    fileprivate var isSendable: Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") }
            && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}

extension Duration {
    /// At least one, for libcurl takes none as its default.
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = components
        let whole = Int(min(seconds, Int64(Int32.max) / 1_000 - 1)) * 1_000
        return max(whole + Int(attoseconds / 1_000_000_000_000_000), 1)
    }
}
