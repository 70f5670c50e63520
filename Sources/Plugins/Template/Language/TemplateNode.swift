/// A parsed template. Its description is the template again, written as Go writes it: the label of metrics.
indirect enum TemplateNode: Sendable, CustomStringConvertible {
    /// `if` keeps the dot, `with` moves it to the value.
    enum Branch: String { case `if`, with }

    case text(String)
    case output(TemplatePipeline)
    case branch(Branch, TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
    case range(TemplatePipeline, body: [TemplateNode], otherwise: [TemplateNode])

    var description: String {
        switch self {
        case .text(let text): text
        case .output(let pipeline): "{{\(pipeline)}}"
        case .branch(let word, let pipeline, let body, let otherwise):
            Self.block(word.rawValue, pipeline, body, otherwise)
        case .range(let pipeline, let body, let otherwise): Self.block("range", pipeline, body, otherwise)
        }
    }

    private static func block(
        _ word: String, _ pipeline: TemplatePipeline, _ body: [TemplateNode], _ otherwise: [TemplateNode]
    ) -> String {
        let rest = otherwise.isEmpty ? "" : "{{else}}" + otherwise.map(\.description).joined()
        return "{{\(word) \(pipeline)}}" + body.map(\.description).joined() + rest + "{{end}}"
    }
}

/// Commands, each of which gets the value of the one before as its last argument.
struct TemplatePipeline: Sendable, CustomStringConvertible {
    /// Variables that the value goes to, with their dollar signs; two only in `range`.
    var variables: [String] = []
    /// Whether they exist already.
    var isAssignment = false
    var commands: [TemplateCommand] = []

    var description: String {
        let target = variables.isEmpty ? "" : variables.joined(separator: ", ") + (isAssignment ? " = " : " := ")
        return target + commands.map(\.description).joined(separator: " | ")
    }
}

/// A value, or a function with its arguments.
struct TemplateCommand: Sendable, CustomStringConvertible {
    var operands: [TemplateOperand] = []

    var description: String { operands.map(\.description).joined(separator: " ") }
}

/// One word of a command.
indirect enum TemplateOperand: Sendable, CustomStringConvertible {
    /// The dot, with fields of it.
    case dot([String])
    /// A variable, with fields of it; `$` is the data as a whole.
    case variable(String, [String])
    case literal(TemplateValue, spelling: String)
    case function(String)
    case pipeline(TemplatePipeline, [String])

    var description: String {
        switch self {
        case .dot(let fields): fields.isEmpty ? "." : Self.path(fields)
        case .variable(let name, let fields): name + Self.path(fields)
        case .literal(_, let spelling): spelling
        case .function(let name): name
        case .pipeline(let pipeline, let fields): "(\(pipeline))" + Self.path(fields)
        }
    }

    private static func path(_ fields: [String]) -> String { fields.map { ".\($0)" }.joined() }
}
