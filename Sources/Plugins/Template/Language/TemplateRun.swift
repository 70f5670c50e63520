/// One execution of a template.
struct TemplateRun {
    private var output = ""
    private var variables: [(name: String, value: TemplateValue)]
    private var steps = 0

    /// What comes out of a template for some data.
    static func run(_ nodes: [TemplateNode], on data: any TemplateObject) throws(TemplateError) -> String {
        var run = TemplateRun(variables: [("$", .object(data))])
        try run.write(nodes, dot: .object(data))
        return run.output
    }

    private mutating func write(_ nodes: [TemplateNode], dot: TemplateValue) throws(TemplateError) {
        let outer = variables.count
        for node in nodes {
            try countStep()
            switch node {
            case .text(let text): try write(text)
            case .output(let pipeline):
                let value = try value(of: pipeline, dot)
                if pipeline.variables.isEmpty { try write(value.written) }
            case .branch(let branch, let pipeline, let body, let otherwise):
                let inner = variables.count
                let value = try value(of: pipeline, dot)
                if value.isTrue {
                    try write(body, dot: branch == .with ? value : dot)
                } else {
                    try write(otherwise, dot: dot)
                }
                variables.removeLast(variables.count - inner)
            case .range(let pipeline, let body, let otherwise):
                try writeRange(pipeline, body, otherwise, dot)
            }
        }
        variables.removeLast(variables.count - outer)
    }

    private mutating func write(_ text: String) throws(TemplateError) {
        output += text
        guard output.utf8.count <= TemplateLimits.outputMax else { throw TemplateError("the text is too long") }
    }

    private mutating func countStep() throws(TemplateError) {
        steps += 1
        guard steps <= TemplateLimits.stepsMax else { throw TemplateError("the template takes too many steps") }
    }

    // MARK: Ranges

    private mutating func writeRange(
        _ pipeline: TemplatePipeline, _ body: [TemplateNode], _ otherwise: [TemplateNode], _ dot: TemplateValue
    ) throws(TemplateError) {
        let outer = variables.count
        var plain = pipeline
        plain.variables = []
        let items = try Self.items(of: try value(of: plain, dot))
        for (key, value) in items {
            switch pipeline.variables.count {
            case 1: set(pipeline.variables[0], value, pipeline.isAssignment)
            case 2:
                set(pipeline.variables[0], key, pipeline.isAssignment)
                set(pipeline.variables[1], value, pipeline.isAssignment)
            default: break
            }
            try write(body, dot: value)
            variables.removeLast(variables.count - outer)
        }
        if items.isEmpty { try write(otherwise, dot: dot) }
    }

    /// Keys and values; of a map in the order of the keys.
    private static func items(
        of value: TemplateValue
    ) throws(TemplateError) -> [(TemplateValue, TemplateValue)] {
        switch value {
        case .list(let values): return values.enumerated().map { (.integer($0), $1) }
        case .map(let values): return values.sorted { $0.key < $1.key }.map { (.text($0), $1) }
        case .integer(let number):
            guard number <= TemplateLimits.stepsMax else { throw TemplateError("the template takes too many steps") }
            return (0..<max(number, 0)).map { (.integer($0), .integer($0)) }
        case .nothing: return []
        case .text, .unsigned, .boolean, .object:
            throw TemplateError("range can't iterate over a \(value.typeName)")
        }
    }

    // MARK: Values

    private mutating func set(_ name: String, _ value: TemplateValue, _ isAssignment: Bool) {
        if isAssignment, let index = variables.lastIndex(where: { $0.name == name }) {
            variables[index].value = value
        } else {
            variables.append((name, value))
        }
    }

    private mutating func value(
        of pipeline: TemplatePipeline, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        var value: TemplateValue?
        for command in pipeline.commands { value = try self.value(of: command, dot, last: value) }
        let result = value ?? .nothing
        if let name = pipeline.variables.first { set(name, result, pipeline.isAssignment) }
        return result
    }

    private mutating func value(
        of command: TemplateCommand, _ dot: TemplateValue, last: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        try countStep()
        let rest = command.operands.dropFirst()
        switch command.operands[0] {
        case .function(let name):
            guard let function = TemplateFunction(rawValue: name) else {
                throw TemplateError("there is no function '\(name)'")
            }
            if let value = try shortCircuit(function, rest, dot, last) { return value }
            return try function.call(try values(of: rest, dot, last))
        case .literal(let value, _): return value
        case .dot(let fields):
            return try field(fields, of: dot, arguments: try values(of: rest, dot, last))
        case .variable(let name, let fields):
            let value = variables.last { $0.name == name }?.value ?? .nothing
            return try field(fields, of: value, arguments: try values(of: rest, dot, last))
        case .pipeline(let pipeline, let fields):
            let value = try value(of: pipeline, dot)
            return try field(fields, of: value, arguments: try values(of: rest, dot, last))
        }
    }

    private mutating func values(
        of operands: ArraySlice<TemplateOperand>, _ dot: TemplateValue, _ last: TemplateValue?
    ) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        for operand in operands {
            values.append(try value(of: TemplateCommand(operands: [operand]), dot, last: nil))
        }
        if let last { values.append(last) }
        return values
    }

    /// `and` and `or` look at their arguments only as far as they must, and are the last one that they looked at.
    private mutating func shortCircuit(
        _ function: TemplateFunction, _ operands: ArraySlice<TemplateOperand>, _ dot: TemplateValue,
        _ last: TemplateValue?
    ) throws(TemplateError) -> TemplateValue? {
        guard function == .and || function == .or else { return nil }
        var result: TemplateValue?
        for operand in operands {
            let value = try value(of: TemplateCommand(operands: [operand]), dot, last: nil)
            if value.isTrue == (function == .or) { return value }
            result = value
        }
        guard let value = last ?? result else { throw function.countError("at least 1", 0) }
        return value
    }

    /// Follows fields; arguments are for the last one, which is a method then.
    private func field(
        _ path: [String], of start: TemplateValue, arguments: [TemplateValue]
    ) throws(TemplateError) -> TemplateValue {
        var value = start
        for (index, name) in path.enumerated() {
            let isLast = index == path.count - 1
            if case .object(let object) = value,
                let result = try object.call(name, isLast ? arguments : [])
            {
                value = result
                continue
            }
            guard !isLast || arguments.isEmpty else {
                throw TemplateError("\(name) has arguments but cannot be invoked as function")
            }
            value = try Self.field(name, of: value)
        }
        return value
    }

    private static func field(_ name: String, of value: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch value {
        case .object(let object):
            guard let found = object.field(name) else { throw TemplateError("can't evaluate field \(name)") }
            return found
        case .map(let values): return values[name] ?? .nothing
        case .nothing: throw TemplateError("nil data; no entry for key \"\(name)\"")
        case .text, .integer, .unsigned, .boolean, .list:
            throw TemplateError("can't evaluate field \(name) in type \(value.typeName)")
        }
    }
}
