import KubernetesWatch

/// Which form a client gets of what it accepts.
enum Negotiation {
    static let protobufType = "application/vnd.kubernetes.protobuf"

    /// The first form of `Accept` that there is; nil if there is none.
    static func form(_ accept: String, protobuf: Bool, reversed: Bool) -> WireForm? {
        let json: WireForm = reversed ? .reversedJSON : .json
        if accept.isEmpty { return json }
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map { part in String(part.filter { $0 != " " }) }
            guard let type = parts.first, !parts.contains(where: { $0.hasPrefix("as=") }) else { continue }
            switch type {
            case protobufType where protobuf: return .protobuf
            case "application/json", "application/*", "*/*": return json
            default: continue
            }
        }
        return nil
    }

    static func contentType(_ form: WireForm, isWatch: Bool) -> String {
        switch form {
        case .json, .reversedJSON: "application/json"
        case .protobuf: isWatch ? "\(protobufType);stream=watch" : protobufType
        }
    }
}
