import Synchronization

/// Numbers of exchanges that no other client of the process gives.
package struct ExchangeNumbers {
    private static let clients = Atomic<UInt64>(0)
    /// Bits below those of the client.
    private static let localBits: UInt64 = 40

    private let client: UInt64
    private var count: UInt64 = 0

    package init() { client = ExchangeNumbers.clients.wrappingAdd(1, ordering: .relaxed).newValue << Self.localBits }

    /// The next one.
    package mutating func next() -> ExchangeToken {
        count &+= 1
        return token(count)
    }

    /// One that the client counts in its own way.
    func token(_ local: UInt64) -> ExchangeToken { ExchangeToken(number: client | local & Self.mask) }

    /// What `token` was made of; nil where another client made it.
    func local(_ token: ExchangeToken) -> UInt64? {
        token.number & ~Self.mask == client ? token.number & Self.mask : nil
    }

    private static var mask: UInt64 { 1 << localBits - 1 }
}
