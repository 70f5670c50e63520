import ClusterIndex

/// What a refusal says, and what follows from it.
extension Reflector {
    /// The content of a refusal was no Status.
    mutating func refused(says text: String) {
        guard case .refused(let code, _) = attempt?.stage else { return }
        refused(APIStatus(code: code, message: text))
    }

    /// A Status: the content of a refusal, or an ERROR event.
    mutating func refused(_ status: APIStatus) {
        guard let attempt else { return }
        var code = status.code
        var retryAfter: Duration? = status.retryAfterSeconds > 0 ? .seconds(status.retryAfterSeconds) : nil
        if case .refused(let answered, let header) = attempt.stage {
            code = answered
            retryAfter = header ?? retryAfter
        }
        if refusesStreaming(attempt, code, status) { return listInPages(code, status) }
        let isExpired = code == 410 || status.reason == "Expired" || status.reason == "Gone"
        isExpired ? expired(attempt, status) : refused(attempt, code, status, retryAfter)
    }

    private mutating func refused(
        _ attempt: Attempt, _ code: Int, _ status: APIStatus, _ retryAfter: Duration?
    ) {
        let request = attempt.request
        let says = status.message.isEmpty ? "" : ": \(Self.line(status.message))"
        switch code {
        case 401:
            actions.append(.refuseCredentials)
            fail(.unauthorized, "the API server does not accept our credentials\(says)")
        case 403:
            streaks.forbidden += 1
            let sentence = forbidden(request, status)
            fail(.forbidden, sentence, cap: ReflectorLimits.forbiddenRetryMax, count: streaks.forbidden)
        case 404: missing()
        case 406 where request.usesProtobuf, 415 where request.usesProtobuf:
            abandon()
            usesProtobuf = false
            proceed()
        case 429: fail(.throttled, "\(attempt.words) was put off by the API server\(says)", retryAfter: retryAfter)
        case 504 where request.version != nil:
            needsList = true
            isVersionAhead = true
            if !request.isStream { countVersionFault(request) }
            fail(.server, "the API server has yet to reach our version of \(resource)\(says)", retryAfter: retryAfter)
        default:
            if code == 400 || code == 422 || code == 500 { countVersionFault(request) }
            fail(.server, "\(attempt.words) was refused with \(code)\(says)", retryAfter: retryAfter)
        }
    }

    // MARK: Streaming lists

    private func refusesStreaming(_ attempt: Attempt, _ code: Int, _ status: APIStatus) -> Bool {
        guard case .streamingList = attempt.request.purpose, !attempt.isWatching else { return false }
        return namesStreaming(status) || [400, 405, 422, 501].contains(code)
    }

    /// Whether the server's sentence is about what only a streaming list has.
    private func namesStreaming(_ status: APIStatus) -> Bool {
        status.message.contains("sendInitialEvents") || status.message.contains("resourceVersionMatch")
    }

    private mutating func listInPages(_ code: Int, _ status: APIStatus) {
        abandon()
        if namesStreaming(status) { memory.streamingLists = .refused }
        preferPages(.refused)
        proceed()
    }

    // MARK: Versions

    /// The server no longer has what we ask for.
    private mutating func expired(_ attempt: Attempt, _ status: APIStatus) {
        let says = Self.line(status.message)
        switch attempt.request.purpose {
        case _ where attempt.isWatching, .watch:
            relist("the API server no longer knows our version of \(resource): \(says)")
        case .page:
            wholeOnce = true
            pagesOnce = true
            relist("the list of \(resource) expired before its last page: \(says)")
        case .list, .streamingList:
            // Should not happen: an old version is good enough for a list.
            forgetVersion()
            relist("the API server does not list \(resource) from our version on: \(says)")
        }
    }

    // MARK: Resources

    private mutating func missing() {
        let version = "\(resource.group.isEmpty ? "" : "\(resource.group)/")\(resource.apiVersion)"
        let remedy =
            switch resource {
            case .endpointSlices: "Kubernetes 1.21 or newer is needed"
            case .serviceImports: "the custom resource definition of ServiceImport is not installed"
            case .namespaces, .services, .pods: "something else than an API server answers there"
            }
        streaks.missing += 1
        fail(
            .missing, "the API server has no \(resource) (\(version)); \(remedy)",
            cap: resource == .serviceImports ? ReflectorLimits.missingRetryMax : ReflectorLimits.retryMax)
        // A cluster without the definition has no objects of it: waiting for them would be waiting for ever. Twice,
        // for a server that is starting may not have read its definitions yet.
        if resource == .serviceImports, streaks.missing >= ReflectorLimits.missingMin { reportSync() }
    }

    private func forbidden(_ request: WatchRequest, _ status: APIStatus) -> String {
        let parts = status.message.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        let isNamed = parts.count == 3 && parts[0].hasSuffix("User ")
        let who = isNamed ? "the role of \(Self.line(String(parts[1])))" : "our role"
        let says = status.message.isEmpty ? "" : "; the API server says: \(Self.line(status.message))"
        return
            "\(who) may not \(request.verb) \(resource) in API group \"\(resource.group)\" at the cluster "
            + "scope: it needs the verbs list and watch\(says)"
    }

    /// Text of the server as it may stand in a sentence of ours: one line, and not a long one.
    private static func line(_ text: String) -> String {
        let words = text.split { $0.isWhitespace || $0.asciiValue.map { $0 < 0x20 || $0 == 0x7f } ?? false }
        let line = words.joined(separator: " ")
        let limit = ReflectorLimits.messageCharacters
        return line.count <= limit ? line : line.prefix(limit) + "…"
    }
}
