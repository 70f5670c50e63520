import ClusterIndex
import HTTPClient

/// What comes of a request that the server answers.
extension Reflector {
    mutating func received(_ status: Int, _ content: ContentType, _ retryAfter: Duration?) {
        guard let attempt, attempt.stage == .unanswered else { return }
        report(.requested(verb: attempt.request.verb, code: status, after: now - attempt.since))
        guard status == 200 else { return enter(.refused(status, retryAfter), from: .unanswered) }
        guard content.isDecodable else {
            let sentence = "\(attempt.words) was answered with \(content) instead of Kubernetes objects"
            return fail(.garbled, "\(sentence): something else than an API server answers there")
        }
        switch attempt.request.purpose {
        case .streamingList, .list:
            list = ListProgress()
            list.isFirst = isUntold
            report(.relisting)
            enter(.listing, from: .unanswered)
        case .page:
            list.continueToken = ""
            enter(.listing, from: .unanswered)
        case .watch:
            watchBegan()
            enter(.watching, from: .unanswered)
        }
    }

    mutating func received(_ item: StreamItem) {
        guard let stage = attempt?.stage else { return }
        if case .status(let status) = item { return refused(status) }
        attempt?.itemCount += 1
        attempt?.lastItem = now
        switch stage {
        case .listing: takeListed(item)
        case .watching: takeWatched(item)
        case .authenticating, .unanswered, .refused: break
        }
    }

    // MARK: List

    private mutating func takeListed(_ item: StreamItem) {
        switch item {
        case .upsert(let object, let version):
            if !list.isFirst { list.seen.insert(object.key) }
            isUntold = false
            raise(to: version)
            actions.append(.upsert(object, isInitial: isInitial))
        case .delete(let key, let version):
            list.seen.remove(key)
            raise(to: version)
            actions.append(.delete(key))
        case .bookmark(let version, let endsInitialEvents):
            if endsInitialEvents { endInitialEvents(at: version) } else { ignoresInitialEvents() }
        case .listMetadata(let version, let continueToken):
            list.version = list.version ?? version
            list.nextToken = continueToken
        case .unusable(let key, _, let fault):
            // What is known of the object from before stays.
            if let key { list.seen.insert(key) }
            report(.unusable(key, fault))
        case .status: break
        }
    }

    private mutating func raise(to version: ResourceVersion) {
        if newest.map({ version.isNewer(than: $0) }) ?? version.isNumber { newest = version }
    }

    /// The list is complete, and the stream goes on as a watch.
    private mutating func endInitialEvents(at version: ResourceVersion) {
        guard !version.description.isEmpty else { return garbled("ended the list of \(resource) without a version") }
        enter(.watching, from: .listing)
        completeList(at: version, streamed: true)
    }

    /// A bookmark ahead of the one that ends the list: the server sends a plain watch.
    private mutating func ignoresInitialEvents() {
        abandon()
        preferPages(.ignored)
        proceed()
    }

    /// One page is complete.
    private mutating func endPage() {
        guard let attempt, let version = list.version, !version.description.isEmpty else {
            return garbled("sent a list of \(resource) without a version")
        }
        self.attempt = nil
        guard !list.nextToken.isEmpty else { return endPages(at: version) }
        var isRepeated = false
        if case .page(list.nextToken, _) = attempt.request.purpose { isRepeated = true }
        list.pageCount += 1
        guard !isRepeated, list.pageCount < ReflectorLimits.pagesMax else {
            list = ListProgress()
            return garbled("sends pages of \(resource) without end")
        }
        list.continueToken = list.nextToken
        list.nextToken = ""
        proceed()
    }

    private mutating func endPages(at version: ResourceVersion) {
        completeList(at: version, streamed: false)
        proceed()
    }

    // MARK: Watch

    private mutating func takeWatched(_ item: StreamItem) {
        streaks.silentWatches = 0
        attempt?.hasNews = true
        switch item {
        case .upsert(let object, let version):
            actions.append(.upsert(object, isInitial: false))
            advance(to: version)
        case .delete(let key, let version):
            actions.append(.delete(key))
            advance(to: version)
        case .bookmark(let version, _):
            advance(to: version)
        case .unusable(let key, let version, let fault):
            report(.unusable(key, fault))
            advance(to: version)
        case .listMetadata, .status: break
        }
    }

    mutating func finishedRead() {
        attempt?.lastRead = now
        guard attempt?.hasNews == true else { return }
        attempt?.hasNews = false
        report(.fresh)
    }

    // MARK: Ends

    mutating func ended(_ end: HTTPEnd) {
        guard let attempt else { return }
        if case .refused = attempt.stage { return refused(says: "") }
        if case .failed(let failure) = end { return failed(failure, attempt) }
        switch (attempt.stage, attempt.request.purpose) {
        case (.watching, _): watchEnded(attempt)
        case (.listing, .streamingList): unmarked(attempt)
        case (.listing, _): endPage()
        case (.authenticating, _), (.unanswered, _), (.refused, _):
            fail(.cut, "\(attempt.words) was not answered")
        }
    }

    /// A clean end is nothing special, unless one follows the other.
    private mutating func watchEnded(_ attempt: Attempt) {
        self.attempt = nil
        guard now < attempt.stableAt else {
            streaks.briefWatches = 0
            return proceed()
        }
        streaks.briefWatches += 1
        let delay = pause(streaks.briefWatches, cap: ReflectorLimits.retryMax)
        if delay > .zero {
            let sentence = "the API server ends every watch of \(resource) as soon as it has begun"
            report(.failed(WatchFailure(.cut, sentence), retry: delay))
        }
        proceed(after: delay)
    }

    /// A streaming list ended, or came to a halt, ahead of its end.
    private mutating func unmarked(_ attempt: Attempt) {
        let what = attempt.itemCount == 0 ? "before it began" : "before it was complete"
        preferPages(attempt.itemCount == 0 ? nil : .ignored)
        fail(.silent, "the API server ended the streaming list of \(resource) \(what)")
    }

    private mutating func failed(_ failure: HTTPFailure, _ attempt: Attempt) {
        if attempt.stage == .unanswered {
            report(.requested(verb: attempt.request.verb, code: 0, after: now - attempt.since))
        }
        switch failure.kind {
        case .unresolved, .unreachable, .connectTimedOut:
            lostContact()
            fail(.unreachable, failure.description)
        case .misconfigured, .untrusted, .tls: fail(.tls, failure.description)
        case .cutShort: fail(.cut, "\(attempt.words) was cut: \(failure)")
        case .garbled: fail(.garbled, failure.description)
        }
    }

    // MARK: Silence

    mutating func fellSilent(_ attempt: Attempt) {
        let silence = "nothing came of \(attempt.words) for \(seconds(now - attempt.lastProgress))"
        if attempt.stage != .authenticating { actions.append(.renewConnections) }
        switch (attempt.stage, attempt.request.purpose) {
        case (.authenticating, _):
            fail(.credentials, "no credentials within \(seconds(now - attempt.since))")
        case (.refused, _): refused(says: "")
        case (.watching, _):
            streaks.silentWatches += 1
            // A watch from a version that the server has yet to reach is silent too; a list tells.
            if streaks.silentWatches > 1, streaks.silentWatches.nonzeroBitCount == 1 { needsList = true }
            failSlowly(.silent, silence)
        case (_, .streamingList):
            preferPages(attempt.itemCount == 0 ? nil : .ignored)
            failSlowly(.silent, silence)
        case (.unanswered, _), (.listing, _): fail(.silent, silence)
        }
    }

    private func seconds(_ duration: Duration) -> String { "\(duration.components.seconds) s" }

    // MARK: Nonsense

    mutating func lacksCredentials(_ fault: CredentialFault) {
        guard attempt?.stage == .authenticating else { return }
        fail(.credentials, fault.description)
    }

    mutating func undecodable(_ fault: DecodingFault) {
        guard let attempt else { return }
        streaks.undecodable += 1
        if resource.hasProtobuf, streaks.undecodable.isMultiple(of: ReflectorLimits.undecodableMax) {
            usesProtobuf.toggle()
        }
        countVersionFault(attempt.request)
        fail(.garbled, "\(attempt.words) brought what cannot be read: \(fault)")
    }

    private mutating func garbled(_ what: String) { fail(.garbled, "the API server \(what)") }

    /// Lists in pages once; if they work, the server is remembered as `suspicion` says.
    mutating func preferPages(_ suspicion: ServerMemory.StreamingLists?) {
        pagesOnce = true
        self.suspicion = suspicion
    }

    /// The server may fail because of the version that we give it: it is dropped in the end.
    mutating func countVersionFault(_ request: WatchRequest) {
        guard request.version != nil else { return }
        streaks.versionFaults += 1
        if streaks.versionFaults >= ReflectorLimits.versionFaultsMax {
            streaks.versionFaults = 0
            forgetVersion()
            streaks.relists += 1
            listDue = now + pause(streaks.relists, cap: ReflectorLimits.relistMax)
        }
    }
}
