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
