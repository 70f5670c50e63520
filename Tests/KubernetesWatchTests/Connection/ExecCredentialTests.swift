import HTTPClient
import Testing
import YAML

@testable import KubernetesWatch

/// What plugins print.
struct ExecCredentialTests {
    static let v1 = "client.authentication.k8s.io/v1"

    private func read(_ output: String) throws(Mistake) -> ExecCredential {
        try ExecCredential(Array(output.utf8), apiVersion: Self.v1)
    }

    static func json(_ status: String) -> String {
        #"{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "spec": {}, "#
            + #""status": \#(status)}"#
    }

    @Test("reads a token, with its end and without, as JSON and as YAML")
    func readsToken() throws {
        let eks = try read(
            Self.json(#"{"expirationTimestamp": "2026-10-17T09:30:00Z", "token": "k8s-aws-v1.aHR0cHM6Ly9zdHM"}"#))
        #expect(eks.credentials == RequestCredentials(authorization: "Bearer k8s-aws-v1.aHR0cHM6Ly9zdHM"))
        #expect(eks.expires == 1_792_229_400)
        let yaml = try read("kind: ExecCredential\napiVersion: \(Self.v1)\nstatus: {token: abc}\n")
        #expect(yaml.credentials == RequestCredentials(authorization: "Bearer abc"))
        #expect(yaml.expires == .infinity)
    }

    @Test("reads a certificate with its key, alone and beside a token")
    func readsCertificate() throws {
        let pair =
            #""clientCertificateData": \#(JSONOutput.string(SamplePEM.certificate)), "#
            + #""clientKeyData": \#(JSONOutput.string(SamplePEM.key))"#
        let alone = try read(Self.json("{\(pair), \"token\": null}"))
        #expect(alone.credentials.authorization == nil)
        #expect(alone.credentials.clientCertificate?.key == Array(SamplePEM.key.utf8))
        let both = try read(Self.json("{\(pair), \"token\": \"abc\"}"))
        #expect(both.credentials.authorization == "Bearer abc")
        #expect(both.credentials.clientCertificate?.certificate == Array(SamplePEM.certificate.utf8))
    }

    @Test(
        "says what is wrong, without what was printed",
        arguments: [
            ("", "printed nothing"), ("s3cr3t", "printed no ExecCredential"),
            ("{s3cr3t", "printed something other than JSON"),
            ("[]", "printed no ExecCredential"), (#"{"kind": "Status"}"#, "printed no ExecCredential"),
            (#"{"kind": 5}"#, "printed an ExecCredential in which kind is no string"),
            (
                #"{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1"}"#,
                "printed an ExecCredential of another apiVersion than client.authentication.k8s.io/v1"
            ),
            (json("null"), "printed an ExecCredential without a status"),
            (json("5"), "printed an ExecCredential without a status"),
            (json("{}"), "printed neither a token nor a certificate with its key"),
            (json(#"{"token": 12345}"#), "printed an ExecCredential in which token is no string"),
            (json(#"{"token": "a", "token": "s3cr3t"}"#), "printed an ExecCredential with token twice"),
            (
                json(#"{"token": "s3cr3t\nX-Remote-User: admin"}"#),
                "printed a token that holds blanks, control characters or others that no token has"
            ),
            (
                json(#"{"token": "s3cr3t", "expirationTimestamp": "tomorrow"}"#),
                "printed an expirationTimestamp that is no time of RFC 3339"
            ),
            (json(#"{"clientKeyData": "s3cr3t"}"#), "printed a clientKeyData without a clientCertificateData"),
            (
                json(#"{"clientCertificateData": "x", "token": "s3cr3t"}"#),
                "printed a clientCertificateData without a clientKeyData"
            ),
            (
                json(#"{"clientCertificateData": "x", "clientKeyData": "s3cr3t"}"#),
                "printed a clientCertificateData that holds no certificate (-----BEGIN CERTIFICATE-----)"
            ),
        ])
    func tellsMistakes(_ output: String, _ expected: String) {
        var told = ""
        do throws(Mistake) {
            _ = try read(output)
        } catch {
            told = error.words
        }
        #expect(told == expected)
    }
}
