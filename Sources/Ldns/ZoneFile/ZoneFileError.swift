public import DNSMessage

/// Why a zone file cannot be read, and where.
public struct ZoneFileError: Error, Hashable, CustomStringConvertible {
    /// What may be wrong.
    public enum Reason: Error, Hashable {
        case zeroByte, unclosedQuote, unclosedParenthesis, strayParenthesis, badEscape
        case noRecord, moreThanOneRecord
        case noOwner, noType, noTTL
        case badName(String, NameError)
        case quotedName(String)
        case badTTL(String)
        case unknownType(String)
        case notZoneData(RecordType)
        case badDirective(String)
        case unknownDirective(String)
        case badInclude
        case cannotInclude(String)
        case includedTooDeep(limit: Int)
        case badGenerate(String)
        case numberOutOfRange(String, largest: UInt32)
        case badUnknownData(RecordType)
        case dataTooLong(RecordType)
        case badData(RecordType, LdnsError)
    }

    /// The line on which the record or directive starts, from 1.
    public let line: Int
    /// What is wrong there.
    public let reason: Reason

    init(line: Int, _ reason: Reason) {
        self.line = line
        self.reason = reason
    }

    /// `line 7: the name server's words`, without a final stop.
    public var description: String { "line \(line): \(reason)" }
}

extension ZoneFileError.Reason: CustomStringConvertible {
    /// One clause, without a final stop.
    public var description: String {
        switch self {
        case .zeroByte: "a zero byte does not belong in a zone file"
        case .unclosedQuote: "a quoted string is not closed on its line"
        case .unclosedParenthesis: "an opening parenthesis is never closed"
        case .strayParenthesis: "a closing parenthesis without an opening one"
        case .badEscape: "a backslash must be followed by a character or three digits up to 255"
        case .noRecord: "there is no record"
        case .moreThanOneRecord: "there is more than one record"
        case .noOwner: "a line that starts with a blank repeats the owner above, but there is none"
        case .noType: "the record type is missing"
        case .noTTL: "the record has no TTL, and neither $TTL nor a record above gives one"
        case .badName(let text, let error): "'\(text)' is no domain name: \(error)"
        case .quotedName(let text): "\(text) is quoted, which names are not"
        case .badTTL(let text): "'\(text)' is no TTL: seconds up to 2147483647, or units as in 1h30m"
        case .unknownType(let text): "'\(text)' is no record type"
        case .notZoneData(let type): "\(type) records do not belong in a zone"
        case .badDirective(let name): "\(name) needs exactly one value"
        case .unknownDirective(let name):
            "the directive \(name) is not supported; $ORIGIN, $TTL, $INCLUDE and $GENERATE are"
        case .badInclude: "$INCLUDE needs a file and at most one origin"
        case .cannotInclude(let text): "cannot include \(text)"
        case .includedTooDeep(let limit): "$INCLUDE is nested more than \(limit) deep"
        case .badGenerate(let text): "$GENERATE \(text)"
        case .numberOutOfRange(let text, let largest): "\(text) is out of range, 0 to \(largest)"
        case .badUnknownData(let type): "the data of \(type) is not '\\#', its length and as many bytes in hexadecimal"
        case .dataTooLong(let type): "the data of \(type) is longer than a record can hold"
        case .badData(let type, let error): "the data of \(type) cannot be read: \(error)"
        }
    }
}
