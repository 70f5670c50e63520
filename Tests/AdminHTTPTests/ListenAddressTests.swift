import AdminHTTP
import Testing

@Suite("listen address")
struct ListenAddressTests {
    @Test(
        "is read as host and port",
        arguments: [
            (":8080", "", 8080), ("127.0.0.1:8080", "127.0.0.1", 8080), ("localhost:9153", "localhost", 9153),
            ("[::1]:8181", "::1", 8181), ("[fe80::1%eth0]:1", "fe80::1%eth0", 1), (":0", "", 0), (":65535", "", 65535),
            ("[::]:8080", "::", 8080),
        ])
    func read(text: String, host: String, port: Int) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host)
        #expect(Int(address.port) == port)
        #expect(address.description == text)
    }

    @Test(
        "is refused with a sentence",
        arguments: [
            ("8080", "address 8080: missing port in address"),
            ("1.2.3", "address 1.2.3: missing port in address"),
            ("", "address : missing port in address"),
            ("::1:8080", "address ::1:8080: too many colons in address"),
            ("[::1]", "address [::1]: missing port in address"),
            ("[::1:8080", "address [::1:8080: missing ']' in address"),
            ("[::1]x:80", "address [::1]x:80: unexpected ']' in address"),
            (":", "address : invalid port"),
            (":http", "address http: invalid port"),
            (":99999", "address 99999: invalid port"),
            (":-1", "address -1: invalid port"),
            ("a]b:80", "address a]b:80: unexpected bracket in address"),
        ])
    func refused(text: String, sentence: String) {
        #expect(sentence == refusal(of: text))
    }

    private func refusal(of text: String) -> String? {
        do {
            _ = try ListenAddress(text)
            return nil
        } catch {
            return error.description
        }
    }
}
