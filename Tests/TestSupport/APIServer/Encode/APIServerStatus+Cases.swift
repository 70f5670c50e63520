import KubernetesWatch

// The sentences of a real server, which clients and operators know.
extension APIServerStatus {
    static let unauthorized = APIServerStatus(code: 401, reason: "Unauthorized", message: "Unauthorized")

    /// A watch from a version that the history no longer reaches.
    public static func tooOld(_ version: UInt64, floor: UInt64) -> APIServerStatus {
        APIServerStatus(
            code: 410, reason: "Expired", message: "too old resource version: \(version) (\(floor))")
    }

    static let exactTooOld = APIServerStatus(
        code: 410, reason: "Expired", message: "The resourceVersion for the provided list is too old.")

    static func expiredContinue(_ token: String) -> APIServerStatus {
        var status = APIServerStatus(
            code: 410, reason: "Expired",
            message: "The provided continue parameter is too old to display a consistent list result. You can start a "
                + "new list without the continue parameter, or use the continue token in this response to retrieve the "
                + "remainder of the results. Continuing with the provided token results in an inconsistent list - "
                + "objects that were created, modified, or deleted between the time the first chunk was returned and "
                + "now may show up in the list.")
        status.continueToken = token
        return status
    }

    static func tooLarge(_ version: UInt64, current: UInt64) -> APIServerStatus {
        var status = APIServerStatus(
            code: 504, reason: "Timeout",
            message: "Timeout: Too large resource version: \(version), current: \(current)")
        status.hasDetails = true
        status.causes = [Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version")]
        status.retryAfterSeconds = 1
        return status
    }

    static func forbidden(_ user: String, _ verb: String, _ target: APITarget) -> APIServerStatus {
        let qualified = target.group.isEmpty ? target.resource : "\(target.resource).\(target.group)"
        let subject = target.name.isEmpty ? qualified : "\(qualified) \"\(target.name)\""
        let scope = target.namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(target.namespace)\""
        var status = APIServerStatus(
            code: 403, reason: "Forbidden",
            message: "\(subject) is forbidden: User \"\(user)\" cannot \(verb) resource \"\(target.resource)\" in API "
                + "group \"\(target.group)\" \(scope)")
        status.hasDetails = true
        (status.name, status.group, status.kind) = (target.name, target.group, target.resource)
        return status
    }

    static func notFound(_ target: APITarget) -> APIServerStatus {
        var status = APIServerStatus(
            code: 404, reason: "NotFound", message: "\(target.resource) \"\(target.name)\" not found")
        status.hasDetails = true
        (status.name, status.group, status.kind) = (target.name, target.group, target.resource)
        return status
    }

    static let unknownResource = withEmptyDetails(404, "NotFound", "the server could not find the requested resource")

    static let methodNotAllowed = withEmptyDetails(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource")

    static func notAcceptable(protobuf: Bool) -> APIServerStatus {
        let types =
            protobuf
            ? "application/json, application/yaml, application/vnd.kubernetes.protobuf, "
                + "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
            : "application/json, application/yaml, application/json;stream=watch"
        return withEmptyDetails(
            406, "NotAcceptable", "406: Not Acceptable\n\nAvailable representations: \(types)")
    }

    private static func withEmptyDetails(_ code: Int, _ reason: String, _ message: String) -> APIServerStatus {
        var status = APIServerStatus(code: code, reason: reason, message: message)
        status.hasDetails = true
        return status
    }

    static func badRequest(_ message: String) -> APIServerStatus {
        APIServerStatus(code: 400, reason: "BadRequest", message: message)
    }

    static func badVersion(_ text: String) -> APIServerStatus {
        APIServerStatus(
            code: 500, reason: "",
            message: "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid "
                + "syntax")
    }

    /// A parameter that is not allowed here.
    static func invalidOption(_ field: String, _ sentence: String) -> APIServerStatus {
        var status = APIServerStatus(
            code: 422, reason: "Invalid",
            message: "ListOptions.meta.k8s.io \"\" is invalid: \(field): Forbidden: \(sentence)")
        status.hasDetails = true
        (status.group, status.kind) = ("meta.k8s.io", "ListOptions")
        status.causes = [Cause(reason: "FieldValueForbidden", message: "Forbidden: \(sentence)", field: field)]
        return status
    }
}
