import DNSMessage
import Glibc
import Ldns
import Upstream

/// An answer as `dig` shows it (BIND 9.18).
struct DigText {
    private static let tabWidth = 8
    private static let ttlColumn = 24
    private static let classColumn = 32

    private let options: QueryOptions
    private let answer: QueryRun.Answer
    private var lines: [String] = []

    /// The lines of an answer; `cookie` is the client's part, which a server repeats.
    static func lines(_ answer: QueryRun.Answer, _ options: QueryOptions, cookie: [UInt8]) -> [String] {
        if options.isShort { return answer.message.answer.map { DigData.text($0.data) } }
        var text = DigText(options: options, answer: answer)
        text.addHeader(cookie)
        text.addSections()
        text.addStatistics()
        return text.lines
    }

    private init(options: QueryOptions, answer: QueryRun.Answer) {
        self.options = options
        self.answer = answer
    }

    private func shows(_ part: QueryOptions.Part) -> Bool { options.parts.contains(part) }

    // MARK: Header

    private mutating func addHeader(_ cookie: [UInt8]) {
        guard shows(.comments) else { return }
        let message = answer.message
        let flags = message.flags
        lines.append(";; Got answer:")
        lines.append(
            ";; ->>HEADER<<- opcode: \(flags.opcode), status: \(message.responseCode), id: \(message.id)")
        let counts = [message.questions.count, message.answer.count, message.authority.count, message.additional.count]
        lines.append(
            ";; flags:\(Self.words(flags)); QUERY: \(counts[0]), ANSWER: \(counts[1]), AUTHORITY: \(counts[2]), "
                + "ADDITIONAL: \(counts[3])")
        if flags.recursionDesired, !flags.recursionAvailable {
            lines.append(";; WARNING: recursion requested but not available")
        }
        lines.append("")
        if let edns = ReceivedEDNS(message) {
            lines.append(";; OPT PSEUDOSECTION:")
            lines += edns.lines(cookie: cookie)
            if message.questions.isEmpty || !shows(.question) { lines.append("") }
        }
    }

    private static func words(_ flags: HeaderFlags) -> String {
        let names: [(String, UInt16)] = [
            ("qr", HeaderFlags.responseBit), ("aa", HeaderFlags.authoritativeBit), ("tc", HeaderFlags.truncatedBit),
            ("rd", HeaderFlags.recursionDesiredBit), ("ra", HeaderFlags.recursionAvailableBit),
            ("ad", HeaderFlags.authenticDataBit), ("cd", HeaderFlags.checkingDisabledBit),
        ]
        let words = names.filter { flags[$0.1] }.map { " \($0.0)" }.joined()
        return flags[HeaderFlags.zeroBit] ? "\(words); MBZ: 0x4" : words
    }

    // MARK: Sections

    private mutating func addSections() {
        let message = answer.message
        if shows(.question), !message.questions.isEmpty {
            add("QUESTION", message.questions.map(Self.line))
        }
        let sections: [(QueryOptions.Part, String, [Record])] = [
            (.answer, "ANSWER", message.answer), (.authority, "AUTHORITY", message.authority),
            (.additional, "ADDITIONAL", message.additional.filter { $0.type != .opt }),
        ]
        for (part, title, records) in sections where shows(part) && !records.isEmpty {
            add(title, records.map(Self.line))
        }
    }

    private mutating func add(_ title: String, _ records: [String]) {
        if shows(.comments) { lines.append(";; \(title) SECTION:") }
        lines += records
        if shows(.comments) { lines.append("") }
    }

    private static func line(_ question: Message.Question) -> String {
        var line = Columns()
        line.put(DigData.name("\(question.name)"))
        line.move(to: classColumn)
        line.put("\(question.class)")
        line.move(to: classColumn + tabWidth)
        return ";" + line.text + "\(question.type)"
    }

    /// A record on one line, in `dig`'s columns.
    static func line(_ record: Record) -> String {
        var line = Columns()
        line.put(DigData.name("\(record.name)"))
        line.move(to: ttlColumn)
        line.put("\(record.ttl)")
        line.move(to: classColumn)
        line.put("\(record.class)")
        line.move(to: classColumn + tabWidth)
        line.put("\(record.type)")
        line.move(to: classColumn + 2 * tabWidth)
        return line.text + DigData.text(record.data)
    }

    /// A line in columns between tabs.
    private struct Columns {
        private(set) var text = ""
        private var column = 0

        mutating func put(_ word: String) {
            text += word
            column += word.utf8.count
        }

        /// With tabs; what is past the column already gets a blank.
        mutating func move(to target: Int) {
            let end = max(target, column + 1)
            let tabs = end / tabWidth - column / tabWidth
            if tabs > 0 {
                text += String(repeating: "\t", count: tabs)
                column = end / tabWidth * tabWidth
            }
            text += String(repeating: " ", count: end - column)
            column = end
        }
    }

    // MARK: Statistics

    private mutating func addStatistics() {
        guard shows(.statistics) else { return }
        let server = answer.server
        lines += [
            ";; Query time: \(answer.nanoseconds / 1_000_000) msec",
            ";; SERVER: \(QueryRun.dashed(server))(\(answer.serverText)) (\(answer.transport.rawValue.uppercased()))",
            ";; WHEN: \(Self.time(answer.time))",
            ";; MSG SIZE  rcvd: \(answer.length)",
            "",
        ]
    }

    /// Local time, as `date` writes it.
    private static func time(_ seconds: Int) -> String {
        var (time, parts) = (time_t(seconds), tm())
        guard localtime_r(&time, &parts) != nil else { return "\(seconds)" }
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, "%a %b %d %H:%M:%S %Z %Y", &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
