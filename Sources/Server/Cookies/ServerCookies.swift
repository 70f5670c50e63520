import CLinux
import DNSMessage
import Glibc
import PluginKit

/// Makes and checks DNS cookies (RFC 7873) in the form that all servers understand (RFC 9018). Immutable.
struct ServerCookies: Sendable {
    /// A client's cookie and a server's, in bytes.
    static let clientLength = 8
    static let serverLength = 16
    /// A server's cookie may be of other makes, up to this length (RFC 7873 §4).
    private static let serverLengths = 8...32
    /// How long a cookie is good, and how far its time may lie ahead, in seconds (RFC 9018 §4.3).
    private static let ageMax: Int64 = 3_600
    private static let leadMax: Int64 = 300
    /// From which age on a client is given a new one, in seconds.
    private static let renewalAge: Int64 = 1_800

    private let key: (UInt64, UInt64)

    /// Cookies that only this process knows.
    init() {
        var generator = SystemRandomNumberGenerator()
        self.init(key: (generator.next(), generator.next()))
    }

    init(key: (UInt64, UInt64)) { self.key = key }

    /// What the option of a request is; nil if its length is none that an option may have.
    func check(_ option: UnsafeRawBufferPointer, from client: IPAddress, now: UInt32) -> CookieState? {
        guard option.count != Self.clientLength else { return .client }
        guard Self.serverLengths.contains(option.count - Self.clientLength) else { return nil }
        guard option.count == Self.clientLength + Self.serverLength, let bytes = option.baseAddress,
            bytes.bigEndian32(8) == 0x0100_0000
        else { return .stranger }
        let time = bytes.bigEndian32(12)
        let age = Self.age(time, now)
        guard age <= Self.ageMax, age >= -Self.leadMax else { return .stranger }
        let hash = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        return hash == self.hash(bytes, client, time) ? .known : .stranger
    }

    /// Serial arithmetic: the time wraps in 2106 (RFC 1982).
    private static func age(_ time: UInt32, _ now: UInt32) -> Int64 { Int64(Int32(bitPattern: now &- time)) }

    /// Adds the client's cookie with one of ours behind it: the one that it showed, while that is young.
    func answer(_ option: UnsafeRawBufferPointer, _ query: inout Query, now: UInt32) {
        guard let client = option.baseAddress, option.count >= Self.clientLength else { return }
        if query.request.cookie == .known, (0..<Self.renewalAge).contains(Self.age(client.bigEndian32(12), now)) {
            return query.response.addOption(.cookie, option)
        }
        withUnsafeTemporaryAllocation(byteCount: Self.clientLength + Self.serverLength, alignment: 8) { cookie in
            guard let target = cookie.baseAddress else { return }
            target.copyMemory(from: client, byteCount: Self.clientLength)
            target.storeBigEndian(UInt32(0x0100_0000), at: 8)
            target.storeBigEndian(now, at: 12)
            let hash = hash(client, query.client.address, now)
            target.storeBytes(of: hash, toByteOffset: 16, as: UInt64.self)
            query.response.addOption(.cookie, UnsafeRawBufferPointer(cookie))
        }
    }

    /// Over client cookie, version, reserved bytes, time and the client's address.
    private func hash(_ clientCookie: UnsafeRawPointer, _ client: IPAddress, _ time: UInt32) -> UInt64 {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { input in
            guard let base = input.baseAddress else { return 0 }
            base.copyMemory(from: clientCookie, byteCount: Self.clientLength)
            base.storeBigEndian(UInt32(0x0100_0000), at: 8)
            base.storeBigEndian(time, at: 12)
            let count = 16 + client.store(to: base + 16)
            return SipHash.hash(UnsafeRawBufferPointer(start: base, count: count), key: key).littleEndian
        }
    }

    /// Seconds since 1970, as far as 32 bits go.
    static var now: UInt32 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return UInt32(truncatingIfNeeded: time.tv_sec)
    }
}
