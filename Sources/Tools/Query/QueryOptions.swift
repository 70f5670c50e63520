import DNSMessage

/// What to ask, whom, and what to show of the answer: the words of the command line, read.
struct QueryOptions: Equatable {
    /// What of the answer is shown.
    enum Part: CaseIterable {
        case command, comments, question, answer, authority, additional, statistics
    }

    /// Over what is asked first.
    enum Transport: Equatable {
        /// UDP, and TCP where the answer did not fit.
        case udpFirst
        /// UDP, and what did not fit is left out.
        case udpOnly
        case tcp
    }

    var name = Name.root
    /// The name as it was given: only one without a final dot has a search list.
    var nameText = "."
    var type = RecordType.ns
    var `class` = RecordClass.internet
    /// Nil for those of `/etc/resolv.conf`.
    var server: String?
    /// Nil for that of the server, or 53.
    var port: UInt16?
    /// Nil for both.
    var family: IPAddress.Family?
    /// Nil goes by the type: what is asked for with ANY would hardly fit into UDP.
    var chosenTransport: Transport?
    var flags = HeaderFlags(rawValue: HeaderFlags.recursionDesiredBit | HeaderFlags.authenticDataBit)
    /// Nil sends no OPT record.
    var edns: EDNS? = EDNS()
    var searches = false
    var tries = 3
    /// For each try.
    var seconds = 5
    var parts = Set(Part.allCases)
    var isShort = false
    var isJSON = false

    var transport: Transport { chosenTransport ?? (type == .any ? .tcp : .udpFirst) }

    /// What the OPT record says (RFC 6891).
    struct EDNS: Equatable {
        var udpSize: UInt16 = 1232
        var isDNSSECOK = false
        var asksForIdentity = false
        var hasCookie = true
    }
}

/// A sentence about a word that cannot be understood.
struct QueryMistake: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
