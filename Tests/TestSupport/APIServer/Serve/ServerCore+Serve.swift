import KubernetesWatch

extension ServerCore {
    /// What becomes of a request: on record, answered, and perhaps gone wrong.
    func handle(_ request: APIRequest, _ connection: ServerConnection) -> Exchange? {
        remember(request)
        let exchange = Exchange(request, connection)
        switch takeFault(request) {
        case nil: break
        case .close:
            connection.close()
            return nil
        case .reset:
            connection.close(resets: true)
            return nil
        case .silence: exchange.hold()
        case .trickle(let bytes, let interval): exchange.slowDown(to: bytes, every: interval)
        case .stream(let fault, let moment): exchange.expect(fault, moment)
        case .respond(let canned):
            respond(canned, exchange)
            return exchange
        }
        if let answer = answering?(request) {
            give(answer, exchange)
        } else {
            serve(exchange)
        }
        return exchange
    }

    private func respond(_ canned: CannedResponse, _ exchange: Exchange) {
        var head = ResponseHead(canned.status, contentType: canned.contentType, canned.headers.sorted { $0.0 < $1.0 })
        head.mayBeChunked = false
        exchange.respond(head, Array(canned.body.utf8))
    }

    private func give(_ answer: APIServer.Answer, _ exchange: Exchange) {
        switch answer {
        case .recorded(let name): play(name, to: exchange)
        case .canned(let canned): respond(canned, exchange)
        case .raw(let bytes, let closes):
            exchange.sendFramed(bytes)
            closes ? exchange.endRecorded([]) : exchange.endRecorded(Array("0\r\n\r\n".utf8))
        case .status(let status, let asEvent):
            guard asEvent, let resource = exchange.request.resource else { return refuse(exchange, status) }
            exchange.begin(watchHead(form(exchange.request) ?? .json))
            exchange.send(EventWriter(resource, form(exchange.request) ?? .json).error(status))
            exchange.end()
        }
    }

    // MARK: Who and what

    private func serve(_ exchange: Exchange) {
        let request = exchange.request
        guard let user = user(request) else { return refuse(exchange, .unauthorized) }
        if let document = behaviour.documents[request.path] {
            return respond(CannedResponse(200, contentType: "application/json", body: document), exchange)
        }
        guard let target = request.target else { return serveOther(exchange) }
        guard request.method == "GET" else { return refuse(exchange, .methodNotAllowed) }
        if let watched = request.resource, behaviour.forbidden.contains(APIServer.Permission(request.verb, watched)) {
            return refuse(exchange, .forbidden(user, request.verb.rawValue, target))
        }
        guard let resource = request.resource, behaviour.resources.contains(resource) else {
            return knows(target) ? refuse(exchange, .unknownResource) : respond(.pageNotFound, exchange)
        }
        guard let form = form(request) else {
            return refuse(exchange, .notAcceptable(protobuf: behaviour.offersProtobuf && !resource.isCustom))
        }
        do throws(APIServerStatus) {
            switch request.verb {
            case .get: try get(exchange, resource, form)
            case .list: try list(exchange, resource, form)
            case .watch: try watch(exchange, resource, form)
            }
        } catch {
            refuse(exchange, error)
        }
    }

    private func user(_ request: APIRequest) -> String? {
        guard case .known(let tokens, let certificates) = behaviour.users else { return "system:admin" }
        if let authorization = request.authorization, authorization.hasPrefix("Bearer ") {
            return tokens[String(authorization.dropFirst(7))]
        }
        return request.headers["x-front-client"].flatMap { certificates[$0] }
    }

    /// Whether the group of a target has anything else.
    private func knows(_ target: APITarget) -> Bool {
        behaviour.resources.contains { $0.group == target.group }
    }

    private func form(_ request: APIRequest) -> WireForm? {
        let hasProtobuf = behaviour.offersProtobuf && request.resource?.hasProtobuf ?? true
        return Negotiation.form(request.accept, protobuf: hasProtobuf, reversed: behaviour.reversesMembers)
    }

    /// A Status, in the form that the client accepts.
    func refuse(_ exchange: Exchange, _ status: APIServerStatus) {
        let isProtobuf = form(exchange.request) == .protobuf
        let more = status.retryAfterSeconds > 0 ? [("Retry-After", "\(status.retryAfterSeconds)")] : []
        let type = Negotiation.contentType(isProtobuf ? .protobuf : .json, isWatch: false)
        let envelope = Envelope(apiVersion: "v1", kind: "Status")
        let body = isProtobuf ? envelope.around(status.protobuf) : status.json + [UInt8(ascii: "\n")]
        exchange.respond(ResponseHead(status.code, contentType: type, more), body)
    }

    private func serveOther(_ exchange: Exchange) {
        switch exchange.request.path {
        case "/readyz", "/livez", "/healthz":
            respond(CannedResponse(200, contentType: "text/plain; charset=utf-8", body: "ok"), exchange)
        case "/version":
            let body = #"{"major":"1","minor":"36","gitVersion":"v1.36.2","platform":"linux/amd64"}"#
            respond(CannedResponse(200, contentType: "application/json", body: body), exchange)
        default: respond(.pageNotFound, exchange)
        }
    }
}

extension CannedResponse {
    /// What a path gets that nothing is registered for.
    static let pageNotFound = CannedResponse(
        404, contentType: "text/plain; charset=utf-8", headers: ["X-Content-Type-Options": "nosniff"],
        body: "404 page not found\n")
}
