import Testing

@testable import KubernetesWatch

/// Base64, PEM, the addresses of servers, header fields.
struct TextFormTests {
    @Test(
        "decodes base64, and encodes it again",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"), ("++//", "\u{FB}\u{EF}\u{FF}"),
        ])
    func decodesBase64(_ text: String, _ expected: String) {
        let bytes = expected.unicodeScalars.map { UInt8($0.value) }
        #expect(Base64.decode(text.utf8) == bytes)
        #expect(Base64.encode(bytes) == text)
    }

    @Test("decodes base64 with white space anywhere", arguments: [" Zm 8= \n", "Z\r\nm8=", "Zm8\t=", "Zg=\n="])
    func decodesSpaced(_ text: String) {
        #expect(Base64.decode(text.utf8)?.first == UInt8(ascii: "f"))
    }

    @Test(
        "refuses what is no base64",
        arguments: ["Z", "Zg", "Zg=", "Zm8", "Zm9v=", "====", "Zm=8", "Zh==", "Zm9=", "Zm9v-_==", "Zm9vÄ", "Zg==Zg=="])
    func refusesBase64(_ text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    private func words(_ check: () throws(Mistake) -> Void) -> String {
        do throws(Mistake) {
            try check()
            return ""
        } catch {
            return error.words
        }
    }

    @Test(
        "finds certificates",
        arguments: [
            (SamplePEM.authority, true), (SamplePEM.key + SamplePEM.authority, true),
            ("subject=CN: x\n\(SamplePEM.authority)", true),
            (SamplePEM.authority.split(separator: "\n").joined(separator: "\r\n"), true), ("", false),
            (SamplePEM.key, false), (String(SamplePEM.authority.dropLast(30)), false),
            (SamplePEM.authority.split(separator: "\n").joined(separator: " "), false),
            ("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", false),
            ("-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n", false),
            ("-----BEGIN CERTIFICATE-----\nZm9vYmFy\n-----END CERTIFICATE-----\n", false),
        ])
    func findsCertificates(_ text: String, _ isThere: Bool) {
        let words = words { () throws(Mistake) in try PEMText(Array(text.utf8)).checkCertificates() }
        #expect(words == (isThere ? "" : "holds no certificate (-----BEGIN CERTIFICATE-----)"))
    }

    @Test(
        "finds private keys that can be used",
        arguments: [
            (SamplePEM.key, ""), (SamplePEM.certificate + SamplePEM.key, ""),
            (SamplePEM.certificate, "holds no private key (-----BEGIN PRIVATE KEY-----)"),
            (
                SamplePEM.encryptedKey,
                "holds an encrypted private key, and nobody is there to be asked for its passphrase"
            ),
            (
                SamplePEM.oldEncryptedKey,
                "holds an encrypted private key, and nobody is there to be asked for its passphrase"
            ),
        ])
    func findsKeys(_ text: String, _ expected: String) {
        #expect(words { () throws(Mistake) in try PEMText(Array(text.utf8)).checkPrivateKey() } == expected)
    }

    @Test(
        "makes bearer fields of tokens, and repeats none that it refuses",
        arguments: [
            ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", ""), ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln\n", ""), (" a\r\n", ""),
            ("", "is empty"),
            (" \n", "is empty"),
            ("a\nX-Remote-User: admin", "holds blanks, control characters or others that no token has"),
            ("a b", "holds blanks, control characters or others that no token has"),
            ("a\u{0}", "holds blanks, control characters or others that no token has"),
            ("ä", "holds blanks, control characters or others that no token has"),
        ])
    func makesBearer(_ token: String, _ expected: String) throws {
        var field = ""
        let words = words { () throws(Mistake) in field = try Authorization.bearer(token.utf8) }
        #expect(words == expected)
        let trimmed = token.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if expected.isEmpty { #expect(field == "Bearer \(trimmed)") }
    }

    @Test("makes basic fields")
    func makesBasic() {
        // RFC 7617 section 2.
        #expect(Authorization.basic(user: "Aladdin", password: "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }

    @Test(
        "takes addresses as client-go does",
        arguments: [
            ("https://10.96.0.1:443", false, "https://10.96.0.1:443"),
            ("https://a.example", false, "https://a.example"),
            ("https://[fd00::1]:6443/", false, "https://[fd00::1]:6443"), ("http://[::1]", true, "http://[::1]"),
            ("https://[fe80::1%25eth0]:6443", false, "https://[fe80::1%25eth0]:6443"),
            ("HTTPS://rancher.example:8443/k8s/clusters/c-1/", false, "https://rancher.example:8443/k8s/clusters/c-1"),
            ("localhost:8080", false, "http://localhost:8080"), ("localhost:8080", true, "https://localhost:8080"),
            ("10.0.0.1", false, "http://10.0.0.1"), ("10.0.0.1:6443/", true, "https://10.0.0.1:6443"),
            ("[::1]:8080", false, "http://[::1]:8080"), ("api_1-2.x", true, "https://api_1-2.x"),
        ])
    func takesAddresses(_ text: String, _ defaultTLS: Bool, _ expected: String) throws {
        let address = try ServerAddress(text, defaultTLS: defaultTLS)
        #expect(address.url == expected)
        #expect(address.isTLS == expected.hasPrefix("https:"))
    }

    @Test(
        "says what is wrong with an address",
        arguments: [
            ("", "has no host"), ("https://", "has no host"), ("https:///x", "has no host"), (":443", "has no host"),
            ("ftp://a", "must start with https:// or http://"),
            ("unix:///run/x", "must start with https:// or http://"),
            ("https://u:secret@a", "must not contain a user or a password"),
            ("u:secret@a", "must not contain a user or a password"),
            ("https://a/?x=1", "must not have anything behind its path"),
            ("https://a#x", "must not have anything behind its path"),
            ("https://a/ü", "has a path with characters that must be percent-encoded"),
            ("https://a/x\r\nHost: b", "has a path with characters that must be percent-encoded"),
            ("a/b", "'a/b' must be a URL, or a host and a port"),
            ("https://a:", "has no port from 1 to 65535 behind the colon of 'a:'"),
            ("https://a:0", "has no port from 1 to 65535 behind the colon of 'a:0'"),
            ("https://a:65536", "has no port from 1 to 65535 behind the colon of 'a:65536'"),
            ("https://a:+1", "has no port from 1 to 65535 behind the colon of 'a:+1'"),
            ("https://a:https", "has no port from 1 to 65535 behind the colon of 'a:https'"),
            ("https://fd00::1", "has more than one colon in 'fd00::1': an IPv6 address stands in brackets"),
            ("https://[fd00::g]", "has no IPv6 address between the brackets of '[fd00::g]'"),
            ("https://[10.0.0.1]", "has no IPv6 address between the brackets of '[10.0.0.1]'"),
            ("https://[fd00::1", "has no IPv6 address between the brackets of '[fd00::1'"),
            ("https://[fd00::1]6443", "has something other than a port behind the brackets of '[fd00::1]6443'"),
            ("https://a b", "has no proper host name in 'a b'"), ("https://ä", "has no proper host name in 'ä'"),
            ("https://a\nb", "has no proper host name in 'a\\nb'"),
        ])
    func refusesAddresses(_ text: String, _ expected: String) {
        #expect(words { () throws(Mistake) in _ = try ServerAddress(text, defaultTLS: true) } == expected)
    }
}
