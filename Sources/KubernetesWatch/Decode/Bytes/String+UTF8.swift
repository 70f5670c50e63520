extension String {
    /// A text, if it is one. Nearly all that the API server sends is ASCII, which the standard library need not check.
    @inline(__always)
    init(utf8 bytes: UnsafeRawBufferPointer, _ path: StaticString) throws(ObjectFault) {
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        if ByteLanes.areASCII(bytes) {
            self.init(decoding: text, as: UTF8.self)
        } else {
            guard let valid = String(validating: text, as: UTF8.self) else { throw .notUTF8(path) }
            self = valid
        }
    }
}
