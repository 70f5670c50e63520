import CCurl
import Glibc

extension HTTPFailure {
    /// What libcurl's end of a request means, in a sentence.
    init(_ outcome: CurlOutcome, _ target: RequestTarget) {
        var outcome = outcome
        while outcome.text.hasSuffix(".") { outcome.text.removeLast() }
        switch outcome.code {
        case CURLE_COULDNT_RESOLVE_HOST: self.init(.unresolved, "the name \(target.host) has no address")
        case CURLE_COULDNT_RESOLVE_PROXY:
            self.init(.unresolved, "the name of the proxy \(target.proxy?.name ?? "") has no address")
        case CURLE_COULDNT_CONNECT: self = .connecting(outcome, target)
        case CURLE_PROXY: self.init(.unreachable, "no connection to \(target.name)\(target.viaProxy): \(outcome.text)")
        case CURLE_OPERATION_TIMEDOUT:
            self.init(.connectTimedOut, "no connection to \(target.name)\(target.viaProxy) in time")
        case CURLE_PEER_FAILED_VERIFICATION: self = .untrusted(outcome, target)
        case CURLE_SSL_CERTPROBLEM: self = .clientCertificate(outcome)
        case CURLE_SSL_CACERT_BADFILE:
            self.init(.misconfigured, "the certificates to trust \(target.name) by cannot be read: \(outcome.text)")
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED: self = .handshake(outcome, target)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            self.init(.garbled, "\(target.name) does not answer in HTTP: \(outcome.text)")
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_NOT_BUILT_IN, CURLE_FAILED_INIT,
            CURLE_SSL_ENGINE_INITFAILED:
            self.init(.misconfigured, "\(target.name) cannot be asked: \(outcome.text)")
        default: self = .interrupted(outcome, target)
        }
    }

    // MARK: Connecting

    private static func connecting(_ outcome: CurlOutcome, _ target: RequestTarget) -> HTTPFailure {
        let peer = target.proxy.map { "the proxy \($0.name)" } ?? target.name
        switch outcome.systemError {
        case ECONNREFUSED: return HTTPFailure(.unreachable, "connection to \(peer) refused")
        case EHOSTUNREACH, ENETUNREACH: return HTTPFailure(.unreachable, "no route to \(peer)")
        case ETIMEDOUT: return HTTPFailure(.connectTimedOut, "no connection to \(peer) in time")
        case 0: return HTTPFailure(.unreachable, "no connection to \(peer): \(outcome.text)")
        default:
            let reason = String(cString: strerror(outcome.systemError))
            return HTTPFailure(.unreachable, "no connection to \(peer): \(reason)")
        }
    }

    // MARK: TLS

    private static func untrusted(_ outcome: CurlOutcome, _ target: RequestTarget) -> HTTPFailure {
        let subject = "the certificate of \(target.name)"
        // libcurl compares names by itself, when OpenSSL is content.
        if outcome.text.contains("subject name") {
            return HTTPFailure(.untrusted, "\(subject) is not valid for \(target.certificateName)\(outcome.validNames)")
        }
        switch outcome.verification {
        case 9: return HTTPFailure(.untrusted, "\(subject) is not valid yet")
        case 10: return HTTPFailure(.untrusted, "\(subject) has expired")
        case 2, 18, 19, 20, 21: return HTTPFailure(.untrusted, "\(subject) is signed by an unknown authority")
        case 7: return HTTPFailure(.untrusted, "\(subject) is not signed by the authority that it names")
        case 23: return HTTPFailure(.untrusted, "\(subject) was revoked")
        case 26: return HTTPFailure(.untrusted, "\(subject) is not one for a server")
        default: return HTTPFailure(.untrusted, "\(subject) is not to be trusted: \(outcome.text)")
        }
    }

    private static func clientCertificate(_ outcome: CurlOutcome) -> HTTPFailure {
        // Both were seen to be PEM; OpenSSL compares them while it reads the key.
        let sentence =
            outcome.text.contains("private key")
            ? "certificate and key of the client do not belong together, or the key is damaged"
            : "the certificate of the client cannot be read: \(outcome.text)"
        return HTTPFailure(.misconfigured, sentence)
    }

    private static func handshake(_ outcome: CurlOutcome, _ target: RequestTarget) -> HTTPFailure {
        if outcome.text.contains("wrong version number") {
            return HTTPFailure(.tls, "\(target.name) does not speak TLS")
        }
        return alert(outcome, target) ?? HTTPFailure(.tls, "no TLS with \(target.name): \(outcome.text)")
    }

    /// What the server says is wrong with us, in words of RFC 8446 §6.
    private static func alert(_ outcome: CurlOutcome, _ target: RequestTarget) -> HTTPFailure? {
        guard let start = outcome.text.ranges(of: " alert ").first else { return nil }
        let reason = outcome.text[start.upperBound...].prefix { $0 != "," }
        let isAboutUs = ["certificate", "unknown ca", "access denied"].contains { reason.contains($0) }
        let sentence =
            isAboutUs
            ? "\(target.name) does not accept the certificate of the client: \(reason)"
            : "\(target.name) ends TLS: \(reason)"
        return HTTPFailure(.tls, sentence)
    }

    // MARK: Receiving

    private static func interrupted(_ outcome: CurlOutcome, _ target: RequestTarget) -> HTTPFailure {
        if outcome.proxyStatus >= 300, let proxy = target.proxy {
            let sentence = "the proxy \(proxy.name) does not connect to \(target.name): status \(outcome.proxyStatus)"
            return HTTPFailure(.unreachable, sentence)
        }
        if outcome.text.hasSuffix("chunked-encoding") {
            return HTTPFailure(.garbled, "\(target.name) does not answer in HTTP: \(outcome.text)")
        }
        return alert(outcome, target)
            ?? HTTPFailure(.cutShort, "the connection to \(target.name) ended early: \(outcome.text)")
    }
}

extension RequestTarget {
    fileprivate var viaProxy: String { proxy.map { " by way of the proxy \($0.name)" } ?? "" }
}

extension CurlOutcome {
    /// `, but for localhost and 127.0.0.1`.
    fileprivate var validNames: String {
        let all = certificateNames.split(separator: ",").map { $0.drop { $0 == " " } }
        let names = all.compactMap { name in
            ["DNS:", "IP Address:"].first { name.hasPrefix($0) }.map { String(name.dropFirst($0.count)) }
        }
        guard !names.isEmpty else { return "" }
        let more = names.count > Limits.certificateNamesMax ? ", …" : ""
        return ", but for " + names.prefix(Limits.certificateNamesMax).joined(separator: ", ") + more
    }
}
