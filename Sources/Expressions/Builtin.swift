/// A function of the language.
enum Builtin: String, CaseIterable {
    case len, lower, upper, trim, trimPrefix, trimSuffix, split, splitAfter, replace, `repeat`, indexOf, lastIndexOf
    case hasPrefix, hasSuffix, join, int, float, string, abs, ceil, floor, round, max, min, sum, mean, median
    case first, last, take, sort, reverse, uniq, concat, get, type
    case bitand, bitor, bitxor, bitshl, bitshr

    /// What a parameter must be.
    enum Parameter {
        case text, number, integer, list, any
        /// A text or a list.
        case measurable
    }

    /// The parameters; those from `required` on may be left out, and the last one may be repeated if `isVariadic`.
    private var signature: (parameters: [Parameter], required: Int, isVariadic: Bool) {
        switch self {
        case .len: ([.measurable], 1, false)
        case .lower, .upper: ([.text], 1, false)
        case .trim: ([.text, .text], 1, false)
        case .trimPrefix, .trimSuffix, .indexOf, .lastIndexOf, .hasPrefix, .hasSuffix: ([.text, .text], 2, false)
        case .split, .splitAfter: ([.text, .text, .integer], 2, false)
        case .replace: ([.text, .text, .text], 3, false)
        case .repeat: ([.text, .integer], 2, false)
        case .join: ([.list, .text], 1, false)
        case .int, .float, .string, .type: ([.any], 1, false)
        case .abs, .ceil, .floor, .round: ([.number], 1, false)
        case .max, .min: ([.number], 1, true)
        case .sum, .mean, .median, .first, .last, .reverse, .uniq: ([.list], 1, false)
        case .take, .get: ([.list, .integer], 2, false)
        case .sort: ([.list, .text], 1, false)
        case .concat: ([.list], 1, true)
        case .bitand, .bitor, .bitxor, .bitshl, .bitshr: ([.integer, .integer], 2, false)
        }
    }

    /// The type of a call's value, once its arguments are found right.
    func check(
        _ arguments: [ExpressionParser.Part], at place: Range<Int>
    ) throws(ExpressionError) -> ExpressionType {
        let (parameters, required, isVariadic) = signature
        guard arguments.count >= required, isVariadic || arguments.count <= parameters.count else {
            let wanted =
                isVariadic
                ? "\(required) or more"
                : required == parameters.count ? "\(required)" : "\(required) to \(parameters.count)"
            throw ExpressionError("\(rawValue)() takes \(wanted) arguments, not \(arguments.count)", at: place)
        }
        for (index, argument) in arguments.enumerated() {
            let parameter = parameters[Swift.min(index, parameters.count - 1)]
            guard parameter.takes(argument.type) else {
                throw ExpressionError(
                    "\(rawValue)() takes a \(parameter.name) here, and this is a \(argument.type)", at: argument.range)
            }
        }
        return result(arguments.map(\.type))
    }

    private func result(_ arguments: [ExpressionType]) -> ExpressionType {
        switch self {
        case .len, .int, .indexOf, .lastIndexOf, .bitand, .bitor, .bitxor, .bitshl, .bitshr: .integer
        case .lower, .upper, .trim, .trimPrefix, .trimSuffix, .replace, .repeat, .join, .string, .type: .text
        case .split, .splitAfter: .list(.text)
        case .hasPrefix, .hasSuffix: .boolean
        case .float, .ceil, .floor, .round, .mean, .median: .float
        case .abs: arguments[0]
        case .max, .min: arguments.dropFirst().reduce(arguments[0]) { $0.joined($1) }
        case .sum, .first, .last, .get: arguments[0].item
        case .take, .sort, .reverse, .uniq: arguments[0] == .any ? .list(.any) : arguments[0]
        case .concat: .list(arguments.dropFirst().reduce(arguments[0].item) { $0.joined($1.item) })
        }
    }
}

extension Builtin.Parameter {
    fileprivate func takes(_ type: ExpressionType) -> Bool {
        switch self {
        case .text: type.fits(.text)
        case .number: type.isNumber
        case .integer: type.fits(.integer)
        case .list: type.isList
        case .any: true
        case .measurable: type.isList || type == .text
        }
    }

    fileprivate var name: String {
        switch self {
        case .text: "string"
        case .number: "number"
        case .integer: "int"
        case .list: "list"
        case .any: "value"
        case .measurable: "string or list"
        }
    }
}
