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
