import ClusterIndex

extension APIStatus {
    /// What says that an object is one.
    static let kind = "Status"
    static let missing = DecodingFault("the response has an ERROR event without a Status")
}

extension ObjectKind {
    /// Checks what a list says that it is.
    func checkList(_ said: String) throws(DecodingFault) {
        guard said != rawValue + "List" else { return }
        guard !said.isEmpty else { throw DecodingFault("the response does not say of what kind it is") }
        throw DecodingFault("the response is a \(quoted(said)), not a \(rawValue)List")
    }
}

/// ListMeta, of a list or a Status.
struct ListMetadata {
    var version = ResourceVersion("")
    var continueToken = ""
}
