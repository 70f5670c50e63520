/// What makes a stream secret: TLS, in another target, so that whoever asks in the open needs no library for it. On the
/// loop's queue only.
package protocol StreamSecurity: AnyObject {
    /// A connection that has not begun; nil where there is no memory.
    func makeSession() -> (any StreamSession)?
}

/// Encryption of one connection, between bytes of the network and bytes of messages. It touches no socket.
package protocol StreamSession: AnyObject {
    /// Bytes from the network.
    func addInput(_ bytes: UnsafeRawBufferPointer)
    /// Bytes for the network.
    func takeOutput() -> [UInt8]
    /// Goes on with the handshake.
    func advanceHandshake() -> StreamHandshake
    /// Decrypts what came.
    func decrypt(into room: UnsafeMutableRawBufferPointer) -> StreamDecryption
    /// Encrypts messages; the output has them.
    func encrypt(_ bytes: [UInt8])
    /// Says goodbye.
    func finish()
}

/// How far a handshake is.
package enum StreamHandshake {
    case needsMore
    case complete
    /// A clause.
    case failed(String)
}

/// What came of decrypting.
package enum StreamDecryption {
    case bytes(Int)
    case needsMore
    /// The peer closed in order.
    case closed
    /// A clause.
    case failed(String)
}
