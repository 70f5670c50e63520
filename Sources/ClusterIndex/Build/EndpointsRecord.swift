/// An Endpoints object as slices, one for each of its subsets; they are used where a service has no slice.
struct EndpointsRecord {
    let block: Block

    @inline(__always) init(_ block: Block) { self.block = block }

    /// Takes over the references to the slices.
    init(key: Key, slices: [SliceRecord]) {
        block = Block(kind: .endpoints, key: key, payload: 8 + 8 * slices.count)
        block.payload.storeBytes(of: slices.count, as: Int.self)
        for (index, slice) in slices.enumerated() {
            block.payload.storeBytes(
                of: slice.block.base, toByteOffset: 8 + 8 * index, as: UnsafeMutableRawPointer.self)
        }
    }

    var slices: [SliceRecord] {
        (0..<block.payload.load(as: Int.self)).map {
            SliceRecord(Block(block.payload.load(fromByteOffset: 8 + 8 * $0, as: UnsafeMutableRawPointer.self)))
        }
    }

    /// Whether other slices say the same.
    func isEqual(to others: [SliceRecord]) -> Bool {
        slices.count == others.count && zip(slices, others).allSatisfy { $0.isEqual(to: $1, anyIdentity: true) }
    }

    func releaseChildren() {
        for slice in slices { slice.block.release() }
    }
}
