import Corefile
import DNSMessage
import Instance
import Locking
import PluginKit
import Plugins
import Telemetry

/// What there is to say about a Corefile: mistakes, warnings, and how its server blocks are understood.
struct CheckReport {
    /// A line of a server block.
    struct Step: Equatable {
        let plugin: String
        /// The line, without its block.
        let text: String
        let position: SourcePosition
    }

    /// A server block.
    struct Block: Equatable {
        let keys: [String]
        let position: SourcePosition
        /// Where it listens for which of its zones: `dns://:53`.
        let listeners: [String]
        let view: String?
        /// In the order in which queries meet them.
        let chain: [Step]
        /// Those that queries do not pass through: they shape the sockets, or watch.
        let besides: [Step]
    }

    let file: String
    let diagnostics: Diagnostics
    /// None after a mistake.
    let blocks: [Block]
    /// Whether the Corefile has no server block, so that a built-in one takes its place.
    let isEmpty: Bool

    var errors: [Diagnostic] { diagnostics.sorted.filter { $0.severity == .error } }
    var warnings: [Diagnostic] { diagnostics.sorted.filter { $0.severity == .warning } }

    /// Reads and sets up a Corefile as the server does, and starts nothing.
    static func make(
        text: String, file: String, defaultPort: UInt16, environment: Environment = .process
    ) -> CheckReport {
        var host = HostContext.current(version: "check", environment: environment)
        host.onlyChecks = true
        // Nobody reads what plugins log about what they would do.
        let setting = Configuration.Setting(
            kinds: Registry.kinds, notBuilt: Registry.notBuilt, defaultPort: defaultPort, host: host,
            metrics: MetricsRegistry(workers: 1), logSink: LogSink(descriptor: -1))
        var (configuration, diagnostics) = Configuration.load(text: text, file: file, setting)
        guard let configuration else {
            return CheckReport(file: file, diagnostics: diagnostics, blocks: [], isEmpty: false)
        }
        let order = Registry.kinds.map { $0.name }
        let names = DirectiveNames(known: order, notBuilt: Registry.notBuilt)
        let corefile = Corefile.parse(text: text, file: file, environment: environment, directives: names).corefile
        DeadRules.find(in: corefile, defaultPort: defaultPort, order: order, &diagnostics)
        let sites = configuration.sites
        let blocks = corefile.blocks.enumerated().map { index, block in
            self.block(block, sites.filter { $0.block == index }, order)
        }
        return CheckReport(
            file: file, diagnostics: diagnostics, blocks: blocks, isEmpty: corefile.blocks.isEmpty)
    }

    private static func block(_ block: ServerBlock, _ sites: [Site], _ order: [String]) -> Block {
        let chained = Set(sites.flatMap(\.plugins)).subtracting(["view"])
        let steps = order.flatMap { block.directives(named: $0) }.map { line in
            Step(
                plugin: line.name.text, text: ([line.name] + line.arguments).map(shown).joined(separator: " "),
                position: line.name.position)
        }
        var seen: Set<String> = []
        let listeners = sites.map(\.server).filter { seen.insert($0).inserted }
        return Block(
            keys: block.keys.map(\.word.text), position: block.keys[0].word.position, listeners: listeners,
            view: block.directives(named: "view").first?.arguments.first?.text,
            chain: steps.filter { chained.contains($0.plugin) }, besides: steps.filter { !chained.contains($0.plugin) })
    }

    private static func shown(_ word: Word) -> String {
        word.isQuoted || word.text.isEmpty ? "\"\(word.text)\"" : word.text
    }
}

// MARK: - Text

extension CheckReport {
    /// Columns of a line of the Corefile, beyond which it is cut.
    private static let lineMax = 56

    /// How the blocks are understood, and the verdict.
    var lines: [String] {
        var lines: [String] = []
        for block in blocks { lines += Self.lines(block) + [""] }
        return lines + [verdict]
    }

    /// `Corefile is good: 1 server block, no warnings`.
    private var verdict: String {
        let warned = Self.count(warnings.count, "warning")
        guard errors.isEmpty else {
            return "\(file) cannot be served: \(Self.count(errors.count, "mistake")), \(warned)"
        }
        if isEmpty { return "\(file) is empty: '. { whoami; log }' is served, \(warned)" }
        return "\(file) is good: \(Self.count(blocks.count, "server block")), \(warned)"
    }

    private static func count(_ number: Int, _ what: String) -> String {
        number == 0 ? "no \(what)s" : "\(number) \(what)\(number == 1 ? "" : "s")"
    }

    private static func lines(_ block: Block) -> [String] {
        var lines = ["\(block.keys.joined(separator: " "))   (\(block.position))"]
        lines.append("  listens on: \(block.listeners.joined(separator: ", "))")
        if let view = block.view { lines.append("  takes only queries of the view: \(view)") }
        lines.append(block.chain.isEmpty ? "  queries meet no plugin" : "  queries meet, in this order:")
        let width = min((block.chain + block.besides).map(\.text.count).max() ?? 0, lineMax)
        lines += block.chain.enumerated().map { number, step in
            let place = number < 9 ? " \(number + 1)" : "\(number + 1)"
            return "    \(place)  \(padded(step.text, width))   \(step.position)"
        }
        if !block.besides.isEmpty { lines.append("  queries do not meet:") }
        lines += block.besides.map { "        \(padded($0.text, width))   \($0.position)" }
        return lines
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        let shown = text.count > lineMax ? text.prefix(lineMax - 1) + "…" : text
        return shown + String(repeating: " ", count: max(0, width - shown.count))
    }
}

// MARK: - JSON

extension CheckReport {
    var json: JSONValue {
        .members([
            "file": .string(file), "good": .bool(errors.isEmpty), "errors": .array(errors.map(Self.value)),
            "warnings": .array(warnings.map(Self.value)), "serverBlocks": .array(blocks.map(Self.value)),
        ])
    }

    private static func value(_ diagnostic: Diagnostic) -> JSONValue {
        .members([
            "file": .string(diagnostic.position.file), "line": .integer(diagnostic.position.line),
            "column": .integer(diagnostic.position.column), "message": .string(diagnostic.message),
            "hint": .text(diagnostic.hint),
        ])
    }

    private static func value(_ block: Block) -> JSONValue {
        .members([
            "keys": .array(block.keys.map { .string($0) }), "file": .string(block.position.file),
            "line": .integer(block.position.line), "listeners": .array(block.listeners.map { .string($0) }),
            "view": .text(block.view), "chain": .array(block.chain.map(value)),
            "besides": .array(block.besides.map(value)),
        ])
    }

    private static func value(_ step: Step) -> JSONValue {
        .members([
            "plugin": .string(step.plugin), "text": .string(step.text), "file": .string(step.position.file),
            "line": .integer(step.position.line),
        ])
    }
}
