import Corefile
import DNSMessage
import Glibc

/// What the outcome of directives goes by besides the question, read off their words.
struct Dependence {
    /// What of it is not known, so that nobody can tell the outcome; nil if it can be told.
    let missing: String?
    /// All of it.
    let told: [String]

    /// Functions of expressions that tell of the query what is not known beforehand.
    private static let functions = [
        "bufsize()", "do()", "id()", "opcode()", "port()", "proto()", "server_ip()", "server_port()", "size()",
    ]
    private static let hostsFile = "/etc/hosts"
    private static let resolverFile = "/etc/resolv.conf"

    /// Largest file that a server reads for an explanation, in bytes: it has other things to do.
    private static let servedBytesMax = 1 << 20

    /// Of all lines of one word in a block. `isServer` where this is the machine that serves; `path` is where a file
    /// is.
    init(_ lines: [Directive], client: IPAddress?, isServer: Bool, path: (String) -> String) {
        let files = lines.flatMap(Self.files).map(path)
        let isOnClient = Self.isOnClient(lines)
        let large = isServer ? files.first(where: Self.isLarge) : nil
        let unforeseen =
            Self.unforeseen(lines) ?? large.map { "the file \($0), which is too large to be read for this" }
        missing = unforeseen ?? (isOnClient && client == nil ? "the client's address, which --client gives" : nil)
        var told = missing.map { [$0] } ?? []
        if isOnClient, let client { told.append("the client's address, here \(client)") }
        if !isServer { told += files.map { "the file \($0) of this machine" } }
        self.told = told
    }

    /// A directory may hold anything.
    private static func isLarge(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR || status.st_size > servedBytesMax
    }

    private static func isOnClient(_ lines: [Directive]) -> Bool {
        let words = lines.flatMap { $0.allWords }
        switch lines.first?.name.text {
        case AclKind.name: return lines.contains(where: Self.limitsClients)
        case WhoamiKind.name: return true
        case DNS64Kind.name: return !words.contains("allow_ipv4")
        case TemplateKind.name, ViewKind.name:
            return words.contains { $0.contains("client_ip") || $0.contains(".Remote") }
        default: return false
        }
    }

    /// What nobody knows of a query beforehand.
    private static func unforeseen(_ lines: [Directive]) -> String? {
        switch lines.first?.name.text {
        case ErraticKind.name: return "how many queries there were before"
        case TemplateKind.name, ViewKind.name:
            let words = lines.flatMap { $0.allWords }
            let isCalled = words.contains { word in functions.contains { calls($0, in: word) } }
            return isCalled || words.contains { $0.contains(".Message") } ? "how the query comes" : nil
        default: return nil
        }
    }

    /// `net` with less than everybody.
    private static func limitsClients(_ line: Directive) -> Bool {
        (line.block ?? []).contains { rule in
            guard let net = rule.arguments.firstIndex(where: { $0.text == "net" }) else { return false }
            let sources = rule.arguments[(net + 1)...].prefix { $0.text != "type" }
            return !sources.contains { $0.text == "*" }
        }
    }

    /// Whether a word calls a function: `id()` is no call of `d()`.
    private static func calls(_ function: String, in word: String) -> Bool {
        var rest = word[...]
        while let found = rest.firstRange(of: function) {
            let before = rest[..<found.lowerBound].last
            if before.map({ !$0.isLetter && $0 != "_" }) ?? true { return true }
            rest = rest[found.upperBound...]
        }
        return false
    }

    private static func files(of line: Directive) -> [String] {
        switch line.name.text {
        case HostsKind.name: [line.arguments.first?.text ?? hostsFile]
        case FileKind.name: line.arguments.first.map { [$0.text] } ?? []
        case AutoKind.name:
            (line.block ?? []).filter { $0.name.text == "directory" }.compactMap(\.arguments.first?.text)
        case AutopathKind.name:
            line.arguments.last.map { [$0.text.hasPrefix("@") ? resolverFile : $0.text] } ?? []
        default: []
        }
    }
}

extension Directive {
    /// The words of the line and of the lines in its block.
    fileprivate var allWords: [String] {
        [name.text] + arguments.map(\.text) + (block ?? []).flatMap(\.allWords)
    }
}
