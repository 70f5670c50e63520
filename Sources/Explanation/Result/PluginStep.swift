/// What a directive of the Corefile did with a question.
public struct PluginStep: Hashable, Sendable {
    /// What it did; stable, for programs.
    public enum Act: String, Hashable, Sendable, CaseIterable {
        /// The next plugin was asked.
        case passed = "passed on"
        case answered
        case refused
        /// There is no reply at all.
        case dropped
        /// `from` became `to`.
        case askedOtherwise = "asked for another"
        case changed = "changed the answer"
        /// To the servers in `to`.
        case forwarded
        /// The alias led to `to`.
        case followed = "followed an alias"
        /// There was no plugin any more.
        case nobody
        /// It was not worked out; `dependsOn` says why.
        case unknown = "not worked out"
    }

    /// The word in the Corefile; empty where it was no plugin.
    public var plugin: String
    /// `Corefile:7`; empty where it was no plugin.
    public var place: String
    /// What it did.
    public var act: Act
    /// What was asked for before, such as `old.example.org`; with the type, `A of old.example.org`, where that changed.
    public var from: String
    /// What is asked for now, or by whom.
    public var to: String
    /// What the outcome goes by besides the question: `the client's address, 10.244.0.7`.
    public var dependsOn: [String]

    /// A step.
    public init(
        _ plugin: String, _ place: String, _ act: Act, from: String = "", to: String = "", dependsOn: [String] = []
    ) {
        self.plugin = plugin
        self.place = place
        self.act = act
        self.from = from
        self.to = to
        self.dependsOn = dependsOn
    }

    /// `hosts (Corefile:7, answers)`, as the way of a question names it.
    var text: String {
        switch act {
        case .followed: return "alias \(to)"
        case .nobody: return "nobody"
        case .forwarded: return "\(plugin) to \(to)"
        case .passed where plugin == "kubernetes": return "kubernetes (has no such name, passes it on)"
        case .answered where plugin == "kubernetes": return plugin
        case .passed: return "\(plugin) (\(place))"
        case .answered: return "\(plugin) (\(place), answers)"
        case .refused: return "\(plugin) (\(place), refuses)"
        case .dropped: return "\(plugin) (\(place), drops it)"
        case .askedOtherwise: return "\(plugin) (\(place), asks for \(to))"
        case .changed: return "\(plugin) (\(place), changes the answer)"
        case .unknown: return "\(plugin) (\(place), may answer first)"
        }
    }

    /// `hosts in Corefile:7`, for a sentence.
    var directive: String { "\(plugin) in \(place)" }
}
