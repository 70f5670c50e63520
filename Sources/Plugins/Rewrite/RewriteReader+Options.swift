import Corefile
import DNSMessage
import PluginKit

extension RewriteReader {
    /// A rule of `edns0`.
    mutating func readOption(_ diagnostics: inout Diagnostics) -> RewriteRule? {
        let usage = "edns0 local|nsid|subnet set|append|replace|unset ..."
        guard let two = take(2, of: "edns0", usage: usage, &diagnostics) else { return nil }
        guard let action = OptionRule.Action(rawValue: two[1].text.lowercased()) else {
            diagnostics.error(
                at: two[1], "invalid action \(two[1].quoted)", didYouMean: two[1].text,
                among: OptionRule.Action.allCases.map(\.rawValue))
            return nil
        }
        var rule: OptionRule?
        switch two[0].text.lowercased() {
        case "local": rule = readLocal(action, &diagnostics)
        case "nsid": rule = OptionRule(action: action, code: .nsid)
        case "subnet": rule = readSubnet(action, &diagnostics)
        default:
            diagnostics.error(
                at: two[0], "invalid rule type \(two[0].quoted)", didYouMean: two[0].text,
                among: ["local", "nsid", "subnet"])
        }
        // Nothing has to be taken out of replies: they never have options of requests.
        if words.first?.text.lowercased() == "revert" { _ = take() }
        return rule.map { RewriteRule(action: .option($0)) }
    }

    private mutating func readLocal(
        _ action: OptionRule.Action, _ diagnostics: inout Diagnostics
    ) -> OptionRule? {
        let usage = action == .unset ? "edns0 local unset CODE" : "edns0 local \(action.rawValue) CODE DATA"
        guard let word = take(1, of: "edns0 local", usage: usage, &diagnostics)?.first else { return nil }
        guard let code = Self.number(word.text) else {
            diagnostics.error(at: word, "invalid option code \(word.quoted)", hint: "a number up to 0xffff")
            return nil
        }
        var rule = OptionRule(action: action, code: EDNSOptionCode(rawValue: code))
        guard action != .unset else { return rule }
        guard let data = take(1, of: "edns0 local", usage: usage, &diagnostics)?.first,
            let value = Self.value(data, &diagnostics)
        else { return nil }
        rule.value = value
        return rule
    }

    private static func number(_ text: String) -> UInt16? {
        text.lowercased().hasPrefix("0x") ? UInt16(text.dropFirst(2), radix: 16) : UInt16(text)
    }

    private static func value(_ word: Word, _ diagnostics: inout Diagnostics) -> OptionRule.Value? {
        let text = word.text
        if text.hasPrefix("{"), text.hasSuffix("}") { return variable(word, &diagnostics) }
        var bytes = Array(text.utf8)
        if text.lowercased().hasPrefix("0x") {
            guard let decoded = hexadecimal(bytes.dropFirst(2)) else {
                diagnostics.error(at: word, "\(word.quoted) is not an even number of hexadecimal digits behind '0x'")
                return nil
            }
            bytes = decoded
        }
        guard bytes.count <= RewriteLimits.optionLengthMax else {
            diagnostics.error(at: word, "the option has more than \(RewriteLimits.optionLengthMax) bytes")
            return nil
        }
        return .bytes(bytes)
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = digits
        while !rest.isEmpty {
            let pair = String(decoding: rest.prefix(2), as: UTF8.self)
            guard pair.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                let byte = UInt8(pair, radix: 16)
            else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    private static func variable(_ word: Word, _ diagnostics: inout Diagnostics) -> OptionRule.Value? {
        let name = String(word.text.dropFirst().dropLast())
        if let variable = OptionRule.Variable(rawValue: name) { return .variable(variable) }
        if let label = MetadataLabel(name) { return .metadata(label) }
        diagnostics.error(
            at: word, "unsupported variable name \(word.quoted)", didYouMean: name,
            among: OptionRule.Variable.allCases.map(\.rawValue))
        return nil
    }

    private mutating func readSubnet(
        _ action: OptionRule.Action, _ diagnostics: inout Diagnostics
    ) -> OptionRule? {
        var rule = OptionRule(action: action, code: .clientSubnet)
        guard action != .unset else { return rule }
        let usage = "edns0 subnet \(action.rawValue) V4BITS V6BITS"
        guard let pair = take(2, of: "edns0 subnet", usage: usage, &diagnostics) else { return nil }
        let v4 = pair[0].integer("IPv4 bits", in: 0...32, &diagnostics)
        let v6 = pair[1].integer("IPv6 bits", in: 0...128, &diagnostics)
        guard let v4, let v6 else { return nil }
        rule.value = .subnet(v4: v4, v6: v6)
        return rule
    }
}
