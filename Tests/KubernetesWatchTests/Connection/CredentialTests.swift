import HTTPClient
import Testing

@testable import KubernetesWatch

/// Credentials that need no program.
struct CredentialTests {
    let folder: ConnectionFolder

    init() throws { folder = try ConnectionFolder() }

    @Test(
        "makes the header field",
        arguments: [
            (CredentialSource.none, ""), (.token("abc"), "Bearer abc"), (.token("abc\n"), "Bearer abc"),
            (.basic(user: "joe", password: "a:b"), "Basic am9lOmE6Yg=="), (.token(" "), "the token is empty"),
            (.token("a\nb"), "the token holds blanks, control characters or others that no token has"),
        ])
    func makesField(_ source: CredentialSource, _ expected: String) async {
        let asked = Asked(source)
        #expect(await asked.words() == expected)
        asked.refuse()
        #expect(await asked.words() == expected)
    }

    @Test("follows the kubelet, which puts another directory in the place of the token's")
    func followsKubelet() async throws {
        for (directory, token) in [("..1", "first"), ("..2", "second\n")] {
            try folder.folder(directory)
            try folder.write("\(directory)/token", token)
        }
        try folder.link("..data", to: "..1")
        try folder.link("token", to: "..data/token")
        let asked = Asked(.tokenFile(folder("token")))
        #expect(await asked.words() == "Bearer first")
        try folder.link("..data", to: "..2")
        #expect(await asked.words() == "Bearer second")
    }

    @Test("sees a token that was written in place, of the same length, at once")
    func seesRewrite() async throws {
        try folder.write("token", "aaaa")
        let asked = Asked(.tokenFile(folder("token")))
        for token in ["bbbb", "cccc", "dddd"] {
            _ = await asked.ask()
            try folder.write("token", token)
            #expect(await asked.words() == "Bearer \(token)")
        }
    }

    @Test("goes on with the last token while the file is of no use, until the server refuses it")
    func keepsLastToken() async throws {
        let asked = Asked(.tokenFile(folder("token")))
        #expect(folder.relative(await asked.words()) == "the token file token does not exist")
        try folder.write("token", "\n")
        #expect(folder.relative(await asked.words()) == "the token file token is empty")
        try folder.write("token", "good")
        #expect(await asked.words() == "Bearer good")
        for content in ["", "s3cr3t\u{1}"] {
            try folder.write("token", content)
            #expect(await asked.words() == "Bearer good")
        }
        asked.refuse()
        #expect(
            folder.relative(await asked.words())
                == "the token file token holds blanks, control characters or others that no token has")
        try folder.write("token", String(repeating: "a", count: (64 << 10) + 1))
        #expect(folder.relative(await asked.words()) == "the token file token is larger than 64 KiB")
    }

    @Test("follows a client certificate that is renewed")
    func followsCertificate() async throws {
        let asked = Asked(.certificateFiles(certificate: folder("tls.crt"), key: folder("tls.key")))
        #expect(
            folder.relative(await asked.words()) == "the client certificate's file tls.crt does not exist")
        try folder.write("tls.crt", SamplePEM.certificate)
        try folder.write("tls.key", SamplePEM.key)
        let first = try await asked.ask().get()
        #expect(first.authorization == nil)
        #expect(
            first.clientCertificate
                == HTTPTransport.ClientCertificate(
                    certificate: Array(SamplePEM.certificate.utf8), key: Array(SamplePEM.key.utf8)))
        try folder.write("tls.crt", SamplePEM.authority)
        #expect(try await asked.ask().get().clientCertificate?.certificate == Array(SamplePEM.authority.utf8))
        try folder.write("tls.key", SamplePEM.encryptedKey)
        #expect(try await asked.ask().get().clientCertificate?.certificate == Array(SamplePEM.authority.utf8))
        asked.refuse()
        #expect(
            folder.relative(await asked.words())
                == "the client certificate's file tls.key holds an encrypted private key,"
                + " and nobody is there to be asked for its passphrase")
    }
}
