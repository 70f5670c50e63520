import TestSupport
import Testing

@Suite(.enabled(if: TLSFront.isAvailable, Comment(rawValue: TLSFront.unavailable)))
struct FrontTests {
    @Test("nginx starts, and ends when it is let go")
    func starts() throws {
        var front: TLSFront? = try TLSFront(backendPort: nil, clientCertificates: .required)
        let port = try #require(front?.port)
        _ = try TCPClient(to: .loopback(port))
        front = nil
        #expect(throws: ClientError.self) { _ = try TCPClient(to: .loopback(port)) }
    }
}
