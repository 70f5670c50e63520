/// What to ask the API server for.
struct WatchRequest: Hashable, Sendable {
    /// What the answer is for.
    enum Purpose: Hashable, Sendable {
        /// A list as a stream of events that goes on as a watch.
        case streamingList(notOlderThan: ResourceVersion?)
        /// The first page of a list, or all of it.
        case list(notOlderThan: ResourceVersion?, limit: Int?)
        /// The next page of a list.
        case page(continuing: String, limit: Int?)
        /// What changes from a version on.
        case watch(from: ResourceVersion)
    }

    var resource: WatchedResource
    var purpose: Purpose
    /// Whether protobuf is asked for; what comes may still be JSON.
    var usesProtobuf: Bool
    /// How long the server keeps a stream open.
    var timeoutSeconds: Int

    /// The path and the query, percent-encoded.
    func target(_ selection: ClusterWatch.Selection) -> String {
        var parameters = versionParameters
        if !selection.labels.isEmpty { parameters["labelSelector"] = selection.labels }
        if !selection.fields.isEmpty { parameters["fieldSelector"] = selection.fields }
        let query = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.encoded($0.value))" }
        return "\(resource.path)?\(query.joined(separator: "&"))"
    }

    private var versionParameters: [String: String] {
        let stream = ["watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": String(timeoutSeconds)]
        switch purpose {
        case .streamingList(let version):
            var parameters = stream
            parameters["sendInitialEvents"] = "true"
            parameters["resourceVersionMatch"] = "NotOlderThan"
            parameters["resourceVersion"] = version?.description
            return parameters
        case .watch(let version):
            return stream.merging(["resourceVersion": version.description]) { $1 }
        case .list(let version, let limit):
            // Never without a version: a consistent list waits for etcd.
            var parameters = ["resourceVersion": version?.description ?? "0"]
            if version != nil { parameters["resourceVersionMatch"] = "NotOlderThan" }
            parameters["limit"] = limit.map { String($0) }
            return parameters
        case .page(let token, let limit):
            var parameters = ["continue": token]
            parameters["limit"] = limit.map { String($0) }
            return parameters
        }
    }

    /// RFC 3986 section 2: everything but unreserved characters.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            switch UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || isLetter(byte) || "-._~".utf8.contains(byte) {
            case true: result.unicodeScalars.append(Unicode.Scalar(byte))
            case false: result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    /// The value of `Accept`.
    var accept: String {
        switch (usesProtobuf, isStream) {
        case (false, _): "application/json"
        case (true, true): "application/vnd.kubernetes.protobuf;stream=watch"
        case (true, false): "application/vnd.kubernetes.protobuf,application/json"
        }
    }

    /// Whether the answer is a stream of events.
    var isStream: Bool {
        switch purpose {
        case .streamingList, .watch: true
        case .list, .page: false
        }
    }

    /// As RBAC rules name it.
    var verb: String { isStream ? "watch" : "list" }

    /// The version that the server is given.
    var version: ResourceVersion? {
        switch purpose {
        case .streamingList(let version), .list(let version, _): version
        case .watch(let version): version
        case .page: nil
        }
    }

    /// The beginning of a sentence.
    var words: String {
        switch purpose {
        case .streamingList, .list: "the list of \(resource)"
        case .page: "a page of the list of \(resource)"
        case .watch: "the watch of \(resource)"
        }
    }
}
