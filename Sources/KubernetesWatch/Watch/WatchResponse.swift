import ClusterIndex
import HTTPClient

/// Takes the response to one request apart and tells the watch that made it.
final class WatchResponse: HTTPReceiver {
    /// Most of a refusal's content that is kept.
    private static let refusalBytesMax = 16_384

    private let request: WatchRequest
    private weak var watch: ResourceWatch?
    private var content = Content.unknown

    private enum Content {
        case unknown
        case objects(StreamDecoder)
        /// Says why the request was refused.
        case refusal([UInt8], ContentType)
        /// Not to be read any further.
        case ignored
    }

    init(_ request: WatchRequest, _ watch: ResourceWatch) {
        self.request = request
        self.watch = watch
    }

    func received(_ head: HTTPResponseHead) {
        let type = ContentType(head.value("Content-Type"))
        content = head.status == 200 ? .objects(decoder(type, request.isStream ? .watch : .list)) : .refusal([], type)
        let retryAfter = head.value("Retry-After").flatMap { Int($0) }.map { Duration.seconds(max($0, 0)) }
        watch?.take(.head(status: head.status, type, retryAfter: retryAfter), of: self)
        watch?.settle()
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        switch take(&content) {
        case .objects(let decoder): content = decode(bytes, decoder)
        case .refusal(let begun, let type): content = collect(bytes, begun, type)
        case .unknown, .ignored: content = .ignored
        }
        watch?.take(.read, of: self)
        watch?.settle()
    }

    func ended(_ end: HTTPEnd) {
        switch (take(&content), end) {
        case (.objects(var decoder), .complete):
            do { try decoder.finish { tell(.item($0)) } } catch { tell(.undecodable(error)) }
        case (.refusal(let bytes, let type), _): tell(reason(bytes, type))
        case (.objects, _), (.unknown, _), (.ignored, _): break
        }
        tell(.ended(end))
        watch?.settle()
    }

    private func tell(_ event: ReflectorEvent) { watch?.take(event, of: self) }

    /// Takes the content out, so that nobody holds a second copy of it while it changes.
    private func take(_ content: inout Content) -> Content {
        defer { content = .ignored }
        return content
    }

    // MARK: Objects

    private func decoder(_ type: ContentType, _ shape: StreamDecoder.Shape) -> StreamDecoder {
        StreamDecoder(type == .protobuf ? .protobuf : .json, shape, of: request.resource.kind)
    }

    private func decode(_ bytes: UnsafeRawBufferPointer, _ decoder: consuming StreamDecoder) -> Content {
        do {
            try decoder.feed(bytes) { tell(.item($0)) }
            return .objects(decoder)
        } catch {
            tell(.undecodable(error))
            return .ignored
        }
    }

    // MARK: Refusals

    private func collect(_ bytes: UnsafeRawBufferPointer, _ begun: consuming [UInt8], _ type: ContentType) -> Content {
        begun.append(contentsOf: bytes.prefix(Self.refusalBytesMax - begun.count))
        guard begun.count >= Self.refusalBytesMax else { return .refusal(begun, type) }
        tell(reason(begun, type))
        return .ignored
    }

    /// A Status, or else what is meant to be read.
    private func reason(_ bytes: [UInt8], _ type: ContentType) -> ReflectorEvent {
        guard type.isDecodable else {
            return .text(type == .other("text/plain") ? String(decoding: bytes, as: UTF8.self) : "")
        }
        return bytes.withUnsafeBytes { status($0, type) }.map { .item(.status($0)) } ?? .text("")
    }

    private func status(_ bytes: UnsafeRawBufferPointer, _ type: ContentType) -> APIStatus? {
        var decoder = decoder(type, .list)
        var status: APIStatus?
        do {
            try decoder.feed(bytes) { if case .status(let found) = $0 { status = found } }
            try decoder.finish { if case .status(let found) = $0 { status = found } }
        } catch {
            // What is behind a Status may be broken, or cut off.
        }
        return status
    }
}
