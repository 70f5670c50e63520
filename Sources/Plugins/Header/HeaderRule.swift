import Corefile
import DNSMessage

/// A line of the block: which messages, set or clear, which flags.
struct HeaderRule {
    enum Selector: String, CaseIterable { case query, response }
    enum Action: String, CaseIterable { case set, clear }
    enum Flag: String, CaseIterable {
        case aa, ra, rd

        var bit: UInt16 {
            switch self {
            case .aa: HeaderFlags.authoritativeBit
            case .ra: HeaderFlags.recursionAvailableBit
            case .rd: HeaderFlags.recursionDesiredBit
            }
        }
    }

    let selector: Selector
    let action: Action
    let bits: UInt16

    /// Reads a line and reports everything that is wrong with it.
    init?(_ line: Directive, _ diagnostics: inout Diagnostics) {
        guard line.hasNoBlock(&diagnostics) else { return nil }
        var words = [line.name] + line.arguments
        guard let selector = Self.takeSelector(&words, &diagnostics) else { return nil }
        self.selector = selector
        guard let word = words.first else {
            diagnostics.error(at: line.name, "no flag action after \(line.name.quoted), expected 'set' or 'clear'")
            return nil
        }
        guard let action = Action(rawValue: word.text.lowercased()) else {
            diagnostics.error(
                at: word, "unknown flag action \(word.quoted), should be set or clear", didYouMean: word.text,
                among: Action.allCases.map(\.rawValue))
            return nil
        }
        self.action = action
        guard words.count > 1 else {
            diagnostics.error(at: word, "no flags after \(word.quoted), expected 'aa', 'ra' or 'rd'")
            return nil
        }
        var bits: UInt16 = 0
        for word in words.dropFirst() { bits |= Self.bit(word, &diagnostics) ?? 0 }
        self.bits = bits
    }

    /// What the line is about; an old line begins with its action.
    private static func takeSelector(_ words: inout [Word], _ diagnostics: inout Diagnostics) -> Selector? {
        let word = words[0]
        if let selector = Selector(rawValue: word.text.lowercased()) {
            words.removeFirst()
            return selector
        }
        guard Action(rawValue: word.text.lowercased()) != nil else {
            diagnostics.error(
                at: word, "unknown property \(word.quoted)", didYouMean: word.text,
                among: Selector.allCases.map(\.rawValue))
            return nil
        }
        diagnostics.warning(
            at: word, "the rule does not say whether it is about queries or responses, it is taken for responses",
            hint: "write 'response \(word.text.lowercased()) …'")
        return .response
    }

    private static func bit(_ word: Word, _ diagnostics: inout Diagnostics) -> UInt16? {
        if let flag = Flag(rawValue: word.text.lowercased()) { return flag.bit }
        diagnostics.error(
            at: word, "unknown flag \(word.quoted)", didYouMean: word.text, among: Flag.allCases.map(\.rawValue))
        return nil
    }
}
