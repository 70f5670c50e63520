extension DecodingFault {
    static let tooLarge = DecodingFault(
        "the response has an object of more than \(DecodingLimits.unitBytesMax >> 20) MB")
    static let tooDeep = DecodingFault(
        "the response has more than \(DecodingLimits.depthMax) objects and arrays inside each other")
    static let cut = DecodingFault("the response ends in the middle")

    /// Bytes that are not what they should be.
    static func malformed(_ encoding: StaticString, _ what: String) -> DecodingFault {
        DecodingFault("the response is not \(encoding): \(what)")
    }
}

/// Why an object cannot be made of its bytes.
enum ObjectFault: Error {
    /// The object is to blame, and only it.
    case unusable(DecodingFault)
    /// The bytes are not what they should be, nor can be what follows.
    case broken(DecodingFault)

    /// The sentence, whoever is concerned.
    var fault: DecodingFault {
        switch self {
        case .unusable(let fault), .broken(let fault): fault
        }
    }

    static func unusable(_ path: StaticString, _ complaint: String) -> ObjectFault {
        .unusable(DecodingFault("\(path) \(complaint)"))
    }

    static func wrongType(_ path: StaticString, _ needed: StaticString) -> ObjectFault {
        .unusable(path, "must be \(needed)")
    }

    static func notUTF8(_ path: StaticString) -> ObjectFault { .unusable(path, "is not UTF-8") }
}

/// A server's text in quotes, for a fault: cut where it is long, with question marks for what cannot be seen.
func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(DecodingLimits.quotedTextMax).map { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            Unicode.Scalar(UInt8(ascii: "?"))
        default: scalar
        }
    }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return "\"\(String(result))\(scalars.count < text.unicodeScalars.count ? "…" : "")\""
}
