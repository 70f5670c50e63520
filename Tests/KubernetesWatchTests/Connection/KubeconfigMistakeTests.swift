import Testing

@testable import KubernetesWatch

/// What is said about kubeconfigs that are wrong: everything, and where.
struct KubeconfigMistakeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var context: String?
        var mistakes: [String]

        init(_ text: String, context: String? = nil, _ mistakes: String...) {
            (self.text, self.context, self.mistakes) = (text, context, mistakes)
        }

        /// A cluster in line 3 and a user in line 5.
        init(cluster: String, user: String = "{}", _ mistakes: String...) {
            text = """
                contexts: [{name: x, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster:
                \(cluster)}]
                users: [{name: u, user:
                \(user)}]
                current-context: x
                """
            self.mistakes = mistakes
        }

        init(user: String, _ mistakes: String...) {
            self.init(cluster: "{server: 'https://a'}", user: user)
            self.mistakes = mistakes
        }

        var testDescription: String { mistakes.joined(separator: " + ") }
    }

    @Test("tells every mistake and its line", arguments: files + contexts + clusters + users + plugins)
    func tellsMistakes(_ example: Case) throws {
        let folder = try ConnectionFolder()
        try folder.write("config", example.text)
        try folder.write("empty", "")
        try folder.write("key.pem", SamplePEM.key)
        try folder.write("control", "a\nX-Remote-User: admin")
        var told: [String] = []
        do throws(ConnectionError) {
            _ = try APIConnection.kubeconfig(folder("config"), context: example.context)
        } catch {
            told = error.mistakes.map(folder.relative)
            #expect(!error.description.contains("s3cr3t"))
        }
        #expect(told == example.mistakes.map { "kubeconfig config" + $0 })
    }

    @Test("says that there is no file")
    func tellsMissingFile() throws {
        let folder = try ConnectionFolder()
        for (name, expected) in [("none", "none does not exist"), ("folder", "folder is a directory")] {
            try? folder.folder("folder")
            var told = ""
            do throws(ConnectionError) {
                _ = try APIConnection.kubeconfig(folder(name))
            } catch {
                told = folder.relative("\(error)")
            }
            #expect(told == "kubeconfig \(expected)")
        }
    }

    static let files = [
        Case("", " is empty"), Case("# nothing\n---\n", " is empty"),
        Case("just words", ":1: this is no kubeconfig: it must be a mapping"),
        Case("a: b\n c: d", ":2: this is not valid YAML: mapping values are not allowed in this context"),
        Case("token: *s3cr3t", ":1: the alias names no anchor of this document"),
        Case(
            "apiVersion: apps/v1\nkind: Deployment",
            ":1: this is no kubeconfig: it has kind 'Deployment' and apiVersion 'apps/v1'",
            ": current-context is empty, and no context is named; there are none"),
        Case(
            "clusters: 5\ncontexts: {}\ncurrent-context: 7", ":3: current-context must be a string: quote it"),
        Case(
            "clusters: 5\ncontexts: {}\ncurrent-context: x", ":2: contexts must be a sequence",
            ": context 'x' not found; there are none"),
    ]

    static let contexts = [
        Case(KubeconfigSamples.kind, context: "x", ": context 'x' not found; there are: kind-kind"),
        Case(
            KubeconfigSamples.everything, context: "Full",
            ": context 'Full' not found; there are: plain, full, nobody, key-in-file, token-wins"),
        Case(
            "contexts: [{name: a}, 5, {nome: b}, {name: c\n}]\ncurrent-context: ''",
            ": current-context is empty, and no context is named; there are: a, c"),
        Case(
            "contexts:\n- {name: a}\n- {name: b, context: {}}\n- {name: b}\ncurrent-context: a",
            ":2: context 'a' is empty"),
        Case(
            "contexts:\n- {name: b, context: {}}\n- {name: b}\ncurrent-context: b",
            ":3: context 'b' stands twice; the first is in line 2"),
        Case("contexts:\n- {name: b, context: {}}\ncurrent-context: b", ":2: context 'b' has no cluster"),
        Case(
            "contexts: [{name: b, context: {cluster: c, user: u}}]\ncurrent-context: b\nclusters: [{name: d}]",
            ": cluster 'c' not found; there are: d", ": user 'u' not found; there are none"),
    ]

    static let clusters = [
        Case(cluster: "{}", ":3: cluster 'c' has no server"),
        Case(cluster: "{server: ''}", ":3: cluster 'c' has no server"),
        Case(cluster: "{server: 5}", ":3: clusters[0].cluster.server must be a string: quote it"),
        Case(cluster: "s3cr3t", ":3: clusters[0].cluster must be a mapping"),
        Case(
            cluster: "{server: 'https://u:s3cr3t@a'}",
            ":3: the server of cluster 'c' must not contain a user or a password"),
        Case(
            cluster: "{server: 'https://a', certificate-authority-data: 'LS0tLS1CRUdJT'}",
            ":3: certificate-authority-data of cluster 'c' is not base64"),
        Case(
            cluster: "{server: 'https://a', certificate-authority-data: \(KubeconfigSamples.keyData)}",
            ":3: certificate-authority-data of cluster 'c' holds no certificate (-----BEGIN CERTIFICATE-----)"),
        Case(
            cluster: "{certificate-authority: none.crt, server: 'https://a:b'}",
            ":3: certificate-authority of cluster 'c': none.crt does not exist",
            ":3: the server of cluster 'c' has no port from 1 to 65535 behind the colon of 'a:b'"),
        Case(
            cluster: "{certificate-authority: empty, server: 'https://a'}",
            ":3: certificate-authority of cluster 'c': empty holds no certificate (-----BEGIN CERTIFICATE-----)"),
        Case(
            cluster: """
                {server: 'https://a', certificate-authority-data: \(KubeconfigSamples.authorityData),
                insecure-skip-tls-verify: true}
                """,
            ":4: cluster 'c' has insecure-skip-tls-verify beside a certificate authority; only one can be meant"),
        Case(
            cluster: "{server: 'https://a', insecure-skip-tls-verify: 'true'}",
            ":3: clusters[0].cluster.insecure-skip-tls-verify must be true or false"),
        Case(
            cluster: "{server: 'https://a', proxy-url: 'ftp://u:s3cr3t@b'}",
            ":3: the proxy-url of cluster 'c' must start with http://, https:// or socks5:// and name a host"),
        Case(
            cluster: "{server: 'https://a',\n server: 'https://b'}",
            ":4: clusters[0].cluster.server stands twice in its mapping; the first is in line 3"),
    ]

    static let users = [
        Case(user: "s3cr3t", ":5: users[0].user must be a mapping"), Case(user: "~", ":4: user 'u' is empty"),
        Case(user: "{token: 12345}", ":5: users[0].user.token must be a string: quote it"),
        Case(user: "{token: [s3cr3t]}", ":5: users[0].user.token must be a string"),
        Case(
            user: #"{token: "s3cr3t\nX-Remote-User: admin"}"#,
            ":5: the token of user 'u' holds blanks, control characters or others that no token has"),
        Case(user: #"{token: "s3cr3t\0"}"#, ":5: users[0].user.token must not hold a NUL character"),
        Case(user: "{tokenFile: none}", ":5: tokenFile of user 'u': none does not exist"),
        Case(user: "{tokenFile: empty}", ":5: tokenFile of user 'u': empty is empty"),
        Case(
            user: "{tokenFile: control}",
            ":5: tokenFile of user 'u': control holds blanks, control characters or others that no token has"),
        Case(
            user: "{token: s3cr3t, username: joe}",
            ":5: user 'u' has both a token and a username; only one can be used"),
        Case(user: "{username: 'a:b', password: s3cr3t}", ":5: the username of user 'u' must not contain a colon"),
        Case(
            user: "{client-certificate-data: \(KubeconfigSamples.certificateData)}",
            ":5: user 'u' has a client-certificate but no client-key"),
        Case(
            user: "{client-key: key.pem}", ":5: user 'u' has a client-key but no client-certificate"),
        Case(
            user: "{client-certificate: key.pem, client-key: none}",
            ":5: client-certificate of user 'u': key.pem holds no certificate (-----BEGIN CERTIFICATE-----)",
            ":5: client-key of user 'u': none does not exist"),
        Case(
            user: "{client-certificate-data: '%', client-key-data: s3cr3t}",
            ":5: client-certificate-data of user 'u' is not base64", ":5: client-key-data of user 'u' is not base64"),
        Case(user: "{as-groups: [a]}", ":5: user 'u' has as-uid, as-groups or as-user-extra without as"),
        Case(user: #"{as: "a\nb"}"#, ":5: users[0].user.as must not hold control characters"),
        Case(user: "{as: a, as-user-extra: {b: c}}", ":5: users[0].user.as-user-extra.b must be a sequence"),
        Case(
            user: "\n{auth-provider: {name: gcp, config: {access-token: s3cr3t}}}",
            ":6: user 'u' has the auth-provider 'gcp', which was removed from Kubernetes:"
                + " use exec with gke-gcloud-auth-plugin"),
        Case(
            user: "{auth-provider: {name: oidc, config: {id-token: s3cr3t, refresh-token: s3cr3t}}}",
            ":5: user 'u' has the auth-provider 'oidc', which is not supported:"
                + " use exec with a plugin for OpenID Connect"),
    ]

    static let plugins = [
        Case(
            user: "{exec: {}}", ":5: exec of user 'u' has no command",
            ":5: exec of user 'u' has no apiVersion;"
                + " it must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1"),
        Case(
            user: "{exec: {command: a, apiVersion: client.authentication.k8s.io/v1alpha1}}",
            ":5: exec of user 'u' has the apiVersion 'client.authentication.k8s.io/v1alpha1';"
                + " it must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1"),
        Case(
            user: """
                {exec: {command: a, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always,
                args: [a, 5], env: [x, {value: s3cr3t}, {name: 'a=b'},
                {name: A, value: 1}], installHint: [],
                provideClusterInfo: maybe}}
                """,
            ":6: users[0].user.exec.args[1] must be a string: quote it",
            ":6: users[0].user.exec.env[0] must be a mapping",
            ":6: a variable in env of exec of user 'u' has no proper name",
            ":7: users[0].user.exec.env[3].value must be a string: quote it",
            ":7: users[0].user.exec.installHint must be a string",
            ":8: users[0].user.exec.provideClusterInfo must be true or false",
            ":5: exec of user 'u' must be run by somebody whom it can ask, and nobody is there"),
        Case(
            user: "{exec: {command: a, apiVersion: client.authentication.k8s.io/v1, interactiveMode: never}}",
            ":5: interactiveMode 'never' of exec of user 'u' must be Never, IfAvailable or Always"),
    ]
}
