import CCurl
import Glibc
import Testing

@testable import HTTPClient

/// What a test cannot bring about on one machine, in the words in which libcurl and OpenSSL were seen to tell it.
@Suite struct FailureTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let code: CURLcode
        var systemError: Int32 = 0
        var verification = 0
        var proxyStatus = 0
        var text = ""
        var names = ""
        var proxy: String?
        let outcome: String
        var testDescription: String { outcome }
    }

    static let host = "api.test"
    static let alert = "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0"
    static let handshakeAlert = "error:0A000410:SSL routines::sslv3 alert handshake failure"
    static let cases: [Case] = [
        Case(
            code: CURLE_COULDNT_CONNECT, systemError: EHOSTUNREACH, outcome: "unreachable: no route to api.test:6443"),
        Case(code: CURLE_COULDNT_CONNECT, systemError: ENETUNREACH, outcome: "unreachable: no route to api.test:6443"),
        Case(
            code: CURLE_COULDNT_CONNECT, systemError: ETIMEDOUT,
            outcome: "connectTimedOut: no connection to api.test:6443 in time"),
        Case(
            code: CURLE_COULDNT_CONNECT, systemError: EACCES,
            outcome: "unreachable: no connection to api.test:6443: Permission denied"),
        Case(
            code: CURLE_COULDNT_CONNECT, text: "something",
            outcome: "unreachable: no connection to api.test:6443: something"),
        Case(
            code: CURLE_COULDNT_CONNECT, systemError: ECONNREFUSED, proxy: "proxy:3128",
            outcome: "unreachable: connection to the proxy proxy:3128 refused"),
        Case(
            code: CURLE_OPERATION_TIMEDOUT, proxy: "http://proxy:3128",
            outcome: "connectTimedOut: no connection to api.test:6443 by way of the proxy proxy:3128 in time"),
        Case(
            code: CURLE_PROXY, text: "Can't complete SOCKS5 connection", proxy: "socks5://proxy:1080",
            outcome: "unreachable: no connection to api.test:6443 by way of the proxy proxy:1080: "
                + "Can't complete SOCKS5 connection"),
        Case(
            code: CURLE_PEER_FAILED_VERIFICATION, verification: 9,
            outcome: "untrusted: the certificate of api.test:6443 is not valid yet"),
        Case(
            code: CURLE_PEER_FAILED_VERIFICATION, verification: 18,
            outcome: "untrusted: the certificate of api.test:6443 is signed by an unknown authority"),
        Case(
            code: CURLE_PEER_FAILED_VERIFICATION, verification: 67, text: "EE key too small",
            outcome: "untrusted: the certificate of api.test:6443 is not to be trusted: EE key too small"),
        Case(
            code: CURLE_PEER_FAILED_VERIFICATION, verification: 1,
            text: "SSL: certificate subject name 'x' does not match target host name 'api.test'",
            outcome: "untrusted: the certificate of api.test:6443 is not valid for api.test"),
        Case(
            code: CURLE_PEER_FAILED_VERIFICATION, verification: 1,
            text: "SSL: no alternative certificate subject name matches target host name 'api.test'",
            names: (1...9).map { "DNS:n\($0)" }.joined(separator: ", ") + ", email:x",
            outcome: "untrusted: the certificate of api.test:6443 is not valid for api.test, "
                + "but for n1, n2, n3, n4, n5, n6, n7, n8, …"),
        Case(
            code: CURLE_RECV_ERROR, text: alert,
            outcome: "tls: api.test:6443 does not accept the certificate of the client: certificate required"),
        Case(
            code: CURLE_SSL_CONNECT_ERROR, text: handshakeAlert,
            outcome: "tls: api.test:6443 ends TLS: handshake failure"),
        Case(
            code: CURLE_RECV_ERROR, text: "Recv failure: Connection timed out",
            outcome: "cutShort: the connection to api.test:6443 ended early: Recv failure: Connection timed out"),
        Case(
            code: CURLE_HTTP2_STREAM, text: "HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)",
            outcome: "cutShort: the connection to api.test:6443 ended early: "
                + "HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)"),
        Case(
            code: CURLE_NOT_BUILT_IN, text: "A requested feature was not found built-in in this libcurl",
            outcome: "misconfigured: api.test:6443 cannot be asked: "
                + "A requested feature was not found built-in in this libcurl"),
    ]

    @Test("says what happened, with host and port", arguments: cases)
    func sentence(_ example: Case) throws {
        var request = HTTPRequest(url: "https://\(Self.host):6443/api")
        request.transport.proxy = example.proxy
        let outcome = CurlOutcome(
            code: example.code, systemError: example.systemError, verification: example.verification,
            proxyStatus: example.proxyStatus, text: example.text, certificateNames: example.names)
        let failure = HTTPFailure(outcome, try RequestTarget(request))
        #expect("\(failure.kind): \(failure)" == example.outcome)
    }

    @Test("whatever libcurl may end with becomes a sentence without a final stop", arguments: 1...99)
    func everyCode(_ number: Int) throws {
        let code = CURLcode(rawValue: UInt32(number))
        let text = String(cString: curl_easy_strerror(code))
        let target = try RequestTarget(HTTPRequest(url: "http://\(Self.host)/"))
        let sentence = HTTPFailure(CurlOutcome(code: code, text: text), target).description
        #expect(!sentence.isEmpty && !sentence.hasSuffix("."))
    }
}
