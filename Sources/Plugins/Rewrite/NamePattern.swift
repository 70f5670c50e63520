import DNSMessage
import Patterns

/// Which names a rule is about, in the words of the Corefile: presentation text in lower case with its final dot.
enum NamePattern: Sendable {
    case exact(Name)
    case prefix(Name)
    case suffix(NameSuffix)
    case substring(String)
    case regex(GoPattern)
}

/// The end of a name, which may begin inside a label: `.b.example.` or `b.example.`.
struct NameSuffix: Sendable {
    /// As written, escaped like any name.
    let text: String
    /// The labels that are whole.
    let zone: Name
    /// The end of the label before them; empty where any label must stand there.
    let partialLabel: [UInt8]

    /// Reads `.b.example.`, where a label must end before the dot, or `b.example.`, which may begin inside one.
    init(_ text: String) throws(NameError) {
        let hasDot = text.hasPrefix(".") && text != "."
        let name = try Name(hasDot ? String(text.dropFirst()) : text).folded
        self.text = (hasDot ? "." : "") + name.description
        if !hasDot, let parent = name.parent {
            zone = parent
            partialLabel = Array(name.labels[0])
        } else {
            zone = name
            partialLabel = []
        }
    }
}
