import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("Where a response is cut") struct CutTests {
    @Test("makes no difference, whatever the size of the reads", arguments: Recordings.pairs)
    func sizes(name: String, shape: StreamDecoder.Shape, kind: ObjectKind) {
        for (suffix, encoding) in [("", StreamDecoder.Encoding.json), ("-pb", .protobuf)] {
            let body = Recordings.body(name + suffix)
            let stream = Stream(encoding, shape, kind)
            let whole = Transcript(stream, body)
            let wrong = [1, 61, 4096].filter { Transcript(stream, body, chunk: $0) != whole }
            #expect(wrong.isEmpty, "\(stream)")
        }
    }

    @Test("makes no difference at random", arguments: Small.all)
    func random(small: Small) {
        let (body, whole) = (small.body, Transcript(small.stream, small.body))
        var numbers = SeededRandom(7)
        let cuts = (0..<50).map { _ in
            (0..<Int.random(in: 1...20, using: &numbers)).map { _ in Int.random(in: 0...body.count, using: &numbers) }
                .sorted()
        }
        let wrong = cuts.filter { Transcript(small.stream, body, cutAt: $0) != whole }
        #expect(wrong.isEmpty)
    }

    @Test("makes no difference at any byte", arguments: Small.all)
    func everywhere(small: Small) {
        let (body, whole) = (small.body, Transcript(small.stream, small.body))
        #expect(whole.fault == nil)
        let wrong = (0...body.count).filter { Transcript(small.stream, body, cutAt: [$0]) != whole }
        #expect(wrong.isEmpty)
    }

    @Test("is noticed when the rest never comes", arguments: Small.all)
    func truncated(small: Small) {
        let (body, whole) = (small.body, Transcript(small.stream, small.body))
        let parts = body.indices.map { Transcript(small.stream, Array(body[..<$0])) }
        let quiet = parts.indices.filter { parts[$0].fault == nil }
        #expect(quiet == small.ends)
        let wrong = parts.indices.filter { place in
            let fault = parts[place].fault
            return !whole.items.starts(with: parts[place].items) || fault != nil && fault?.description != Self.cut
        }
        #expect(wrong.isEmpty)
    }

    private static let cut = "the response ends in the middle"

    @Test("or flipped, nothing comes to harm", arguments: Small.all)
    func flipped(small: Small) {
        let body = small.body
        var wrong: [Int] = []
        for mask in [0x01, 0x20, 0x80, 0xFF] as [UInt8] {
            for place in body.indices {
                var flipped = body
                flipped[place] ^= mask
                let items = Transcript(small.stream, flipped, cutAt: [place / 2]).items
                let isRight = items.count <= body.count && items.allSatisfy { $0.object?.key.name.isEmpty != true }
                if !isRight { wrong.append(place) }
            }
        }
        #expect(wrong.isEmpty)
    }
}

/// A response that is small enough to try everything.
struct Small: CustomTestStringConvertible, Sendable {
    var name: String
    var stream: Stream
    /// The longest part that is used.
    var lengthMax = Int.max

    static let all = [
        Small(name: "list-services-no-accept", stream: Stream(.json, .list, .service)),
        Small(name: "list-services-pretty", stream: Stream(.json, .list, .service)),
        Small(name: "list-services-pb-or-json", stream: Stream(.protobuf, .list, .service)),
        Small(name: "410-exact", stream: Stream(.json, .list, .service)),
        Small(name: "410-exact-pb", stream: Stream(.protobuf, .list, .service)),
        Small(name: "410-watch-old-rv", stream: Stream(.json, .watch, .service)),
        Small(name: "410-watch-old-rv-pb", stream: Stream(.protobuf, .watch, .service)),
        Small(name: "watch-idle-ns-150s", stream: Stream(.json, .watch, .service)),
        Small(name: "watch-services", stream: Stream(.json, .watch, .service), lengthMax: 3000),
        Small(name: "watch-services-pb", stream: Stream(.protobuf, .watch, .service), lengthMax: 2500),
        Small(name: "watch-endpointslices-pb", stream: Stream(.protobuf, .watch, .endpointSlice), lengthMax: 2500),
    ]

    var testDescription: String { name }

    /// As many whole events as are allowed, or all there is.
    var body: [UInt8] {
        let whole = Recordings.body(name)
        guard lengthMax < whole.count else { return whole }
        return Array(whole[..<(Self.eventEnds(whole, stream.encoding).last { $0 <= lengthMax } ?? 0)])
    }

    /// The places, but the last, where a response may end without anybody noticing.
    var ends: [Int] {
        let body = body
        switch (stream.shape, stream.encoding) {
        case (.list, .json): return Self.spacesAtEnd(body)
        // Behind the list, the envelope has two empty fields.
        case (.list, .protobuf): return [body.count - 4, body.count - 2]
        case (.watch, let encoding):
            let ends = Self.eventEnds(body, encoding)
            // Behind an event in JSON there is a newline.
            let all = encoding == .json ? ends.flatMap { [$0 - 1, $0] } : ends
            return [0] + all.filter { $0 < body.count }
        }
    }

    private static func spacesAtEnd(_ body: [UInt8]) -> [Int] {
        Array((body.count - body.reversed().prefix { $0 == 0x0A }.count)..<body.count)
    }

    private static func eventEnds(_ body: [UInt8], _ encoding: StreamDecoder.Encoding) -> [Int] {
        guard encoding == .protobuf else { return body.indices.filter { body[$0] == 0x0A }.map { $0 + 1 } }
        var ends: [Int] = []
        var place = 0
        while place + 4 <= body.count {
            place += 4 + body[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
            ends.append(place)
        }
        return ends
    }
}
