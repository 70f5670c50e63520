/// Takes bytes as they come and hands on items.
protocol ResponseReader {
    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void) throws(DecodingFault)
    mutating func finish(_ handle: (StreamItem) -> Void) throws(DecodingFault)
}

/// Knows where the parts of a response end, and what they mean.
protocol Framing {
    /// How many bytes the unit will have, as far as that is known.
    var expectedBytes: Int { get }

    /// Looks for the end of what comes next; the first `held` bytes of it have been looked at before.
    mutating func next(_ bytes: UnsafeRawBufferPointer, held: Int) throws(DecodingFault) -> Piece
    /// Takes a unit that is complete.
    mutating func take(_ unit: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void) throws(DecodingFault)
    /// The response is complete; so many bytes of a unit wait for their rest.
    mutating func finish(held: Int, _ handle: (StreamItem) -> Void) throws(DecodingFault)
}

/// What the next bytes are.
enum Piece {
    /// So many bytes that nobody needs.
    case skip(Int)
    /// A unit that ends after so many bytes.
    case unit(Int)
    /// The beginning of a unit that does not end here.
    case more
}

/// Finds the units in a stream of bytes. One that lies whole in one read is used where it lies; of others the beginning
/// is kept until the rest comes.
struct UnitReader<Frames: Framing>: ResponseReader {
    private var framing: Frames
    private(set) var held: [UInt8] = []

    init(_ framing: Frames) { self.framing = framing }

    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void) throws(DecodingFault) {
        var rest = bytes
        // Each turn uses up some bytes, or what is held.
        while !rest.isEmpty {
            switch try framing.next(rest, held: held.count) {
            case .skip(let count): rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .unit(let count):
                let end = UnsafeRawBufferPointer(rebasing: rest[..<count])
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                try checkSize(held.count + count)
                if held.isEmpty {
                    try framing.take(end, handle)
                } else {
                    try takeHeld(with: end, handle)
                }
            case .more:
                try checkSize(held.count + rest.count)
                return hold(rest)
            }
        }
    }

    mutating func finish(_ handle: (StreamItem) -> Void) throws(DecodingFault) {
        try framing.finish(held: held.count, handle)
    }

    private func checkSize(_ count: Int) throws(DecodingFault) {
        guard count <= DecodingLimits.unitBytesMax else { throw .tooLarge }
    }

    private mutating func takeHeld(
        with end: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void
    ) throws(DecodingFault) {
        held.append(contentsOf: end)
        var unit: [UInt8] = []
        swap(&unit, &held)
        var fault: DecodingFault?
        unit.withUnsafeBytes { bytes in
            do throws(DecodingFault) {
                try framing.take(bytes, handle)
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        guard unit.capacity <= DecodingLimits.keptBytesMax else { return }
        unit.removeAll(keepingCapacity: true)
        swap(&unit, &held)
    }

    private mutating func hold(_ bytes: UnsafeRawBufferPointer) {
        if held.isEmpty {
            held.reserveCapacity(max(min(framing.expectedBytes, DecodingLimits.trustedBytesMax), bytes.count))
        }
        held.append(contentsOf: bytes)
    }
}
