public import DNSMessage

/// The plugins of server blocks as they really are, but for `kubernetes` and `forward`, which the explainer answers in
/// their place. Whoever has the plugins lends them; they ask no other machine.
public protocol BlockPlugins {
    /// Whether the view of a block takes a question.
    func view(of block: Int, takes question: PluginQuestion) -> ViewVerdict
    /// Sends a question on its way through a block's plugins.
    func run(_ question: PluginQuestion, through block: Int) -> any PluginRun
}

/// A question as plugins get it.
public struct PluginQuestion: Hashable, Sendable {
    /// The name asked for.
    public var name: Name
    /// The type asked for.
    public var type: RecordType
    /// A question.
    public init(_ name: Name, _ type: RecordType) {
        self.name = name
        self.type = type
    }
}

/// What a view decides about a question.
public enum ViewVerdict: Hashable, Sendable {
    /// The block has no view.
    case absent
    case takes
    case declines
    /// It goes by something that is not known; a clause says by what.
    case unknown(String)
}

/// One question on its way through the plugins of a block.
public protocol PluginRun: AnyObject {
    /// Goes as far as the plugins can decide it.
    func start() -> PluginStop
    /// Goes on with what was missing.
    func goOn(with reply: StepReply) -> PluginStop
    /// What the plugins have done since this was asked last.
    func takeSteps() -> [PluginStep]
}

/// Where a question has come to.
public enum PluginStop {
    /// A `kubernetes` or `forward` has it: the step of the block's route by number, and what is asked by now.
    case reached(Int, Name, RecordType)
    /// The name is an alias; its target is to be asked for.
    case alias(Name, RecordType)
    /// A reply. `isOwn` where a plugin of the block made it.
    case reply(ResponseCode, [Record], isOwn: Bool)
    /// A plugin lets it go unanswered.
    case silence
    /// No plugin took it.
    case nobody
}

/// What the explainer answers where a question has stopped.
public enum StepReply {
    /// The next plugin is to be asked.
    case passedOn
    case reply(ResponseCode, [Record])
    /// The records lead to a target that is to be asked for.
    case alias([Record], target: Name)
    /// What was found for the target of an alias.
    case followed(ResponseCode, [Record])
}
