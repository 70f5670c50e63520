import Glibc
import KubernetesWatch
import Locking
import TestSupport

extension Session {
    /// A value of a line.
    enum Value {
        case text(String)
        case number(UInt64)
        case decimal(Double)
        case yes
    }

    // A number, as the thread sanitizer takes accesses to a state without size for races.
    private static let output = Lock(0)

    /// Prints a line: an object of JSON.
    static func tell(_ members: KeyValuePairs<String, Value>) {
        let texts = members.map { name, value in
            switch value {
            case .text(let text): "\"\(name)\":\"\(escaped(text))\""
            case .number(let number): "\"\(name)\":\(number)"
            case .decimal(let number): "\"\(name)\":\(number)"
            case .yes: "\"\(name)\":true"
            }
        }
        output.withLock { _ in
            let line = Array("{\(texts.joined(separator: ","))}\n".utf8)
            _ = write(STDOUT_FILENO, line, line.count)
        }
    }

    private static func escaped(_ text: String) -> String {
        text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : $0 == "\n" ? "\\n" : "\($0)" }.joined()
    }
}
