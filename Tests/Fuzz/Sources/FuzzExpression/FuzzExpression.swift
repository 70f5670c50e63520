import Expressions
public import Harness

/// The reader must survive every text, point at mistakes inside it, and read only what ends when it is evaluated.
private func fuzzExpression(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    do throws(ExpressionError) {
        let expression = try Expression(text, FuzzedLibrary(), variables: [("x", .text), ("n", .integer)])
        let values: [ExpressionValue] = [.text("www.example.org."), .integer(7)]
        precondition(outcome(expression, values) == outcome(expression, values), "evaluating is repeatable")
        if let constant = expression.constant {
            precondition(outcome(expression, values) == constant.written, "a constant is its own value")
        }
    } catch {
        precondition(error.range.lowerBound >= 0, "a mistake has a place")
        precondition(error.range.upperBound <= text.utf8.count + 1, "a mistake lies in the text")
        precondition(!error.message.isEmpty && error.message.utf8.count < 2000, "a mistake is told in short")
    }
    return 0
}

private func outcome(_ expression: Expression, _ values: [ExpressionValue]) -> String {
    do throws(ExpressionFault) {
        return try expression.evaluate(FuzzedHost(), variables: values).written
    } catch {
        return "fault: \(error)"
    }
}

/// Functions such as `view` has them.
private final class FuzzedLibrary: ExpressionLibrary {
    let functions = [
        ExpressionFunction("name", [], .text), ExpressionFunction("size", [], .integer),
        ExpressionFunction("do", [], .boolean), ExpressionFunction("incidr", [.text, .text], .boolean),
        ExpressionFunction("metadata", [.text], .text),
    ]

    func fused(_ function: Int, _ arguments: [FusedArgument]) throws(ExpressionFault) -> Int? { nil }
}

private struct FuzzedHost: ExpressionHost {
    func call(_ function: Int, _ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        switch function {
        case 0: return .text("www.Example.org.")
        case 1: return .integer(33)
        case 2: return .boolean(true)
        case 3: return .boolean(arguments.count == 2)
        default: throw ExpressionFault("there is no such label")
        }
    }
}

/// What libFuzzer is started from; Harness tells why.
@_cdecl("FuzzExpression_main")
public func fuzzMain(_ count: CInt, _ arguments: Arguments) -> CInt { runFuzzer(count, arguments, fuzzExpression) }
