import DNSMessage
import Expressions
import PluginKit

/// What the expressions of `view` and `template` may ask of a query. One for each worker, with its expressions.
final class QueryLibrary: ExpressionLibrary {
    /// The functions, in the order of the list.
    enum Function: Int, CaseIterable {
        case bufsize, `class`, clientIP, dnssecOK, id, name, opcode, port, proto, serverIP, serverPort, size, type
        case inCIDR, metadata, group
    }

    /// A call whose arguments are known when the expression is read.
    private enum Fused {
        case clientIsIn(AddressPrefix)
        case serverIsIn(AddressPrefix)
        case metadata(MetadataLabel)
    }

    let functions: [ExpressionFunction]
    private var fused: [Fused] = []

    /// What no variable may be called.
    static let names = Set(Function.allCases.map(\.declaration.name))

    /// `hasGroups` adds that of a `template`, whose expression matched.
    init(hasGroups: Bool = false) {
        let all = Function.allCases.map(\.declaration)
        functions = hasGroups ? all : Array(all.dropLast())
    }

    func fused(_ function: Int, _ arguments: [FusedArgument]) throws(ExpressionFault) -> Int? {
        switch Function(rawValue: function) {
        case .inCIDR:
            guard case .constant(.text(let text)) = arguments[1] else { return nil }
            let prefix = try Self.prefix(text)
            switch arguments[0] {
            case .function(Function.clientIP.rawValue): return add(.clientIsIn(prefix))
            case .function(Function.serverIP.rawValue): return add(.serverIsIn(prefix))
            default: return nil
            }
        case .metadata:
            guard case .constant(.text(let text)) = arguments[0] else { return nil }
            guard let label = MetadataLabel(text) else {
                throw ExpressionFault("'\(text)' is no label of metadata, which is written like kubernetes/service")
            }
            return add(.metadata(label))
        default: return nil
        }
    }

    private func add(_ call: Fused) -> Int {
        fused.append(call)
        return Function.allCases.count + fused.count - 1
    }

    // MARK: Calls

    /// Calls a function that needs only the query.
    func call(
        _ function: Int, _ arguments: [ExpressionValue], _ query: inout Query
    ) throws(ExpressionFault) -> ExpressionValue {
        guard let plain = Function(rawValue: function) else {
            return Self.call(fused[function - Function.allCases.count], &query)
        }
        switch plain {
        case .bufsize: return .integer(query.clientSize)
        case .class: return .text(query.question.class.description)
        case .clientIP: return .text("\(query.client.address)")
        case .dnssecOK: return .boolean(query.request.edns?.dnssecOK ?? false)
        case .id: return .integer(Int(query.request.id))
        case .name: return .text(NameText.text(wire: query.question.name.folded))
        case .opcode: return .integer(Int(query.request.flags.opcode.rawValue))
        case .port: return .text("\(query.client.port)")
        case .proto: return .text(query.transport.label)
        case .serverIP: return .text("\(query.server.address)")
        case .serverPort: return .text("\(query.server.port)")
        case .size: return .integer(query.request.bytes.count)
        case .type: return .text(query.question.type.description)
        case .inCIDR:
            guard case (.text(let address), .text(let network)) = (arguments[0], arguments[1]) else { break }
            return .boolean(try Self.prefix(network).contains(try Self.address(address)))
        case .metadata:
            guard case .text(let text) = arguments[0] else { break }
            return .text(MetadataLabel(text).flatMap { query.metadata($0) } ?? "")
        case .group: break
        }
        throw ExpressionFault("these arguments do not go with \(plain.declaration.name)()")
    }

    private static func call(_ call: Fused, _ query: inout Query) -> ExpressionValue {
        switch call {
        case .clientIsIn(let prefix): .boolean(prefix.contains(query.client.address))
        case .serverIsIn(let prefix): .boolean(prefix.contains(query.server.address))
        case .metadata(let label): .text(query.metadata(label) ?? "")
        }
    }

    private static func prefix(_ text: String) throws(ExpressionFault) -> AddressPrefix {
        guard let prefix = AddressPrefix(text) else {
            throw ExpressionFault("'\(text)' is no network, which is written like 10.0.0.0/8 or fd00::/8")
        }
        return prefix
    }

    /// Also in brackets, as a URL has it.
    private static func address(_ text: String) throws(ExpressionFault) -> IPAddress {
        let inner = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
        guard let address = IPAddress(inner) else { throw ExpressionFault("'\(text)' is no address") }
        return address.unmapped
    }
}

extension QueryLibrary.Function {
    var declaration: ExpressionFunction {
        switch self {
        case .bufsize: ExpressionFunction("bufsize", [], .integer)
        case .class: ExpressionFunction("class", [], .text)
        case .clientIP: ExpressionFunction("client_ip", [], .text)
        case .dnssecOK: ExpressionFunction("do", [], .boolean)
        case .id: ExpressionFunction("id", [], .integer)
        case .name: ExpressionFunction("name", [], .text)
        case .opcode: ExpressionFunction("opcode", [], .integer)
        case .port: ExpressionFunction("port", [], .text)
        case .proto: ExpressionFunction("proto", [], .text)
        case .serverIP: ExpressionFunction("server_ip", [], .text)
        case .serverPort: ExpressionFunction("server_port", [], .text)
        case .size: ExpressionFunction("size", [], .integer)
        case .type: ExpressionFunction("type", [], .text)
        case .inCIDR: ExpressionFunction("incidr", [.text, .text], .boolean)
        case .metadata: ExpressionFunction("metadata", [.text], .text)
        case .group: ExpressionFunction("group", [.any], .text)
        }
    }
}

/// A query as expressions see it. As small as this it fits a protocol's value without memory of its own.
struct QueryHost: ExpressionHost {
    let query: UnsafeMutablePointer<Query>
    unowned(unsafe) let library: QueryLibrary

    func call(_ function: Int, _ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        try library.call(function, arguments, &query.pointee)
    }
}
