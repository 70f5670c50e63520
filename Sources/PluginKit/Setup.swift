public import Corefile
public import DNSMessage
public import Telemetry

/// A word of the Corefile: its name, and how its lines become a plugin. One type a folder, one line in the registry.
public protocol PluginKind: SendableMetatype {
    /// The word in the Corefile.
    static var name: String { get }

    /// Reads every line that the block has of this word and adds what comes of it to `setup`. Mistakes go to
    /// `setup.diagnostics`, all of them; what is added in spite of mistakes is never started.
    static func setUp(_ setup: inout Setup)
}

/// What a plugin is given to set itself up for one server block, and what it gives back.
public struct Setup {
    /// The lines of this word in the block, in the order of the Corefile; at least one.
    public let directives: [Directive]
    /// The block that is set up.
    public let block: BlockContext
    /// The process and the machine.
    public let host: HostContext
    /// Everything that the process counts.
    public let metrics: MetricsRegistry
    /// Where lines for the operator go.
    public let logSink: LogSink
    /// Objects that blocks share, such as an HTTP listener.
    public let shared: SharedObjects
    /// Objects that outlive the configuration, so that the next one goes on with them: open HTTP sockets, say.
    public let lasting: SharedObjects
    /// The Corefile as a whole.
    public let corefile: CorefileContext
    /// Position of the word in the registry: what `Query.responder` says when the plugin answers.
    public let position: Int
    /// What the plugins of the block want of its sockets.
    public var options: BlockOptions
    /// Mistakes, of this and all other words.
    public var diagnostics: Diagnostics
    /// What joins the chain, in the order added.
    public private(set) var links: [Chain.Link] = []
    /// What was added besides links: found by its abilities.
    public private(set) var parts: [any AnyObject & Sendable] = []

    /// The setup of one word of one block.
    public init(
        directives: [Directive], block: BlockContext, host: HostContext, metrics: MetricsRegistry, logSink: LogSink,
        shared: SharedObjects, lasting: SharedObjects = SharedObjects(),
        corefile: CorefileContext = CorefileContext(), position: Int, options: BlockOptions, diagnostics: Diagnostics
    ) {
        self.directives = directives
        self.block = block
        self.host = host
        self.metrics = metrics
        self.logSink = logSink
        self.shared = shared
        self.lasting = lasting
        self.corefile = corefile
        self.position = position
        self.options = options
        self.diagnostics = diagnostics
    }

    /// Adds a link to the block's chain; its abilities are found by their protocols.
    public mutating func link(_ plugin: any Plugin) { links.append(Chain.Link(plugin, position: position)) }

    /// Adds something that is no link, for its abilities.
    public mutating func add(_ part: any AnyObject & Sendable) { parts.append(part) }

    /// The only line of a word that a block may use once; a mistake is reported at each further one.
    public mutating func onlyDirective() -> Directive {
        for directive in directives.dropFirst() {
            diagnostics.error(at: directive.name, "'\(directive.name.text)' can only be used once per server block")
        }
        return directives[0]
    }

    /// The zones that words name, or those of the block if there are none.
    public mutating func zones(_ words: some Collection<Word>) -> [Name] {
        if words.isEmpty { return block.zones }
        var names: [Name] = []
        for word in words {
            for text in word.zones(&diagnostics) ?? [] {
                do { names.append(try Name(text)) } catch { diagnostics.error(at: word, "'\(text)': \(error)") }
            }
        }
        return names
    }

    /// A path of the Corefile, relative to the directory of `root`, or of the process without one.
    public func path(_ word: Word) -> String {
        word.text.hasPrefix("/") || options.root.isEmpty ? word.text : "\(options.root)/\(word.text)"
    }

    /// What stands behind `fallthrough`.
    public mutating func fallthroughZones(_ line: Directive) -> Fallthrough {
        line.arguments.isEmpty ? .always : .zones(ZoneSet(zones(line.arguments)))
    }
}

/// The server block that a plugin is set up for.
public struct BlockContext: Sendable {
    /// Counted from 0 in the order of the Corefile.
    public let index: Int
    /// The zones of its keys.
    public let zones: [Name]
    /// The words that the block uses.
    public let words: Set<String>

    /// A block.
    public init(index: Int, zones: [Name], words: Set<String>) {
        self.index = index
        self.zones = zones
        self.words = words
    }
}

/// What the process knows of itself and its machine; tests make their own.
public struct HostContext: Sendable {
    /// What `gethostname` says.
    public var hostName: String
    /// Every address of every interface, with the interface's name.
    public var interfaces: [InterfaceAddress]
    /// The environment of the process.
    public var environment: Environment
    /// The version that this program calls itself.
    public var version: String
    /// Ends the process with exit code 1, after what was logged is written; for a plugin that is told to.
    public var endInError: @Sendable () -> Void = {}
    /// Whether the configuration is only looked at and never started, perhaps on another machine than the one it is
    /// for: no other machine is asked for anything, and what only a pod has may be missing.
    public var onlyChecks = false

    /// A host.
    public init(hostName: String, interfaces: [InterfaceAddress], environment: Environment, version: String) {
        self.hostName = hostName
        self.interfaces = interfaces
        self.environment = environment
        self.version = version
    }
}

/// What the plugins of a block want of its sockets and of the server's handling.
public struct BlockOptions: Sendable {
    /// Addresses to listen on; empty listens on all.
    public var addresses: [BoundAddress] = []
    /// Largest reply over UDP, in bytes.
    public var udpSize = Query.defaultUDPSize
    /// Directory for relative paths; empty for that of the process.
    public var root = ""
    /// What `multisocket` asks for: UDP and TCP sockets for each address; nil for one of each for each worker.
    public var socketCount: Int?
    /// What `timeouts` asks for.
    public var streams = StreamOptions()

    /// CoreDNS's defaults.
    public init() {}
}

/// What TCP connections to a block may take; nil is the server's own default.
public struct StreamOptions: Equatable, Sendable {
    /// For the first message, and for the rest of a message once begun.
    public var readTimeout: Duration?
    /// Until the client has taken all of what it asked for.
    public var writeTimeout: Duration?
    /// Between messages.
    public var idleTimeout: Duration?
    /// Queries on one connection; nil is without limit.
    public var queriesMax: Int?

    /// Defaults throughout.
    public init() {}
}

/// An address of `bind`.
public struct BoundAddress: Hashable, Sendable {
    /// The address.
    public var address: IPAddress
    /// Interface index of a link-local address, else 0.
    public var scope: UInt32

    /// An address.
    public init(_ address: IPAddress, scope: UInt32 = 0) {
        self.address = address
        self.scope = scope
    }
}

/// An address of one of the host's interfaces.
public struct InterfaceAddress: Hashable, Sendable {
    /// The interface's name.
    public var interface: String
    /// The address on it.
    public var address: IPAddress
    /// The interface's index.
    public var scope: UInt32
    /// Whether it is 127.0.0.0/8 or ::1.
    public var isLoopback: Bool

    /// An address on an interface.
    public init(interface: String, address: IPAddress, scope: UInt32 = 0, isLoopback: Bool = false) {
        self.interface = interface
        self.address = address
        self.scope = scope
        self.isLoopback = isLoopback
    }
}
