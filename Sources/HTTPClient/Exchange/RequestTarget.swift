/// Where a request goes: its URL, and who is meant by it in errors.
struct RequestTarget {
    /// As libcurl is to take it; its host is the name in the server's certificate.
    let url: String
    /// Who the URL means, in errors: `10.0.0.1:6443`.
    let name: String
    /// The host alone.
    let host: String
    /// The name that the server's certificate must have.
    let certificateName: String
    let isSecure: Bool
    /// The field `Host` where it is not that of `url`.
    let hostField: String?
    /// Where to connect to instead of the host of `url`, in libcurl's form.
    let connectTo: String?
    /// Without user and password.
    let proxy: Proxy?

    struct Proxy {
        /// As libcurl is to take it.
        let url: String
        /// `proxy.example:3128`, in errors.
        let name: String
    }

    init(_ request: HTTPRequest) throws(HTTPFailure) {
        guard request.url.utf8.count <= Limits.urlLengthMax else {
            throw HTTPFailure(.misconfigured, "a URL is longer than \(Limits.urlLengthMax) bytes")
        }
        guard let parsed = CurlURL(request.url) else {
            throw HTTPFailure(.misconfigured, "'\(request.url)' is not a URL")
        }
        let scheme = parsed.scheme
        guard scheme == "https" || scheme == "http" else {
            throw HTTPFailure(.misconfigured, "'\(request.url)' does not begin with https:// or http://")
        }
        isSecure = scheme == "https"
        let (host, port, explicitPort) = (parsed.host, parsed.port, parsed.explicitPort)
        self.host = host
        name = "\(host):\(port)"
        proxy = try request.transport.proxy.map { text throws(HTTPFailure) in try Proxy(text) }
        guard isSecure, let serverName = request.transport.serverName, serverName != host else {
            (url, certificateName, hostField, connectTo) = (parsed.text, host, nil, nil)
            return
        }
        guard !serverName.isEmpty, parsed.setHost(serverName.contains(":") ? "[\(serverName)]" : serverName) else {
            throw HTTPFailure(.misconfigured, "'\(serverName)' cannot be the name of a server")
        }
        url = parsed.text
        certificateName = serverName
        hostField = explicitPort.isEmpty ? host : "\(host):\(explicitPort)"
        connectTo = "::\(host):\(port)"
    }
}

extension RequestTarget.Proxy {
    init(_ text: String) throws(HTTPFailure) {
        let schemes = ["http", "https", "socks5", "socks5h"]
        guard let parsed = CurlURL(text, allowsAnyScheme: true), schemes.contains(parsed.scheme) else {
            throw HTTPFailure(.misconfigured, "the proxy is not an http://, https:// or socks5:// address")
        }
        // The proxy looks names up, for it may know more of them.
        url = parsed.scheme == "socks5" ? "socks5h" + text.dropFirst("socks5".count) : text
        let port = parsed.explicitPort
        name = port.isEmpty ? parsed.host : "\(parsed.host):\(port)"
    }
}
