/// Accounts of networks, each with a balance of replies that grows with time: one worker's share, in memory that is
/// allocated once and only touched as it is used. Of a full bucket the account goes that was used longest ago.
struct AccountTable: ~Copyable {
    private struct Account {
        /// The upper half of the key's hash; 0 in a slot that was never used.
        var tag: UInt32 = 0
        /// Milliseconds of the server's clock, as far as 32 bits go.
        var time: UInt32 = 0
        /// Thousandths of a reply.
        var balance: Int32 = 0
        /// Replies that were too many.
        var excess: UInt32 = 0
    }

    private static let slotsPerBucket = 4
    private let accounts: UnsafeMutablePointer<Account>
    private let bucketMask: Int

    init(size: Int) {
        var buckets = 1
        while buckets * Self.slotsPerBucket < size { buckets *= 2 }
        bucketMask = buckets - 1
        accounts = .allocate(capacity: buckets * Self.slotsPerBucket)
        accounts.initialize(repeating: Account(), count: buckets * Self.slotsPerBucket)
    }

    deinit { accounts.deallocate() }

    /// Takes one reply from an account that gets `rate` thousandths a second, holds at most one second's and owes at
    /// most `window` seconds'. Tells how many were too many so far, this one included; nil if it is not.
    mutating func take(_ hash: UInt64, rate: Int, window: Int, now: UInt32) -> UInt32? {
        let account = slot(hash, now: now, full: rate)
        let elapsed = Int(now &- account.pointee.time)
        let grown = Int(account.pointee.balance) + elapsed * rate / 1_000
        account.pointee.time = now
        let balance = max(min(grown, max(rate, 1_000)) - 1_000, -window * rate)
        account.pointee.balance = Int32(clamping: balance)
        guard balance < 0 else { return nil }
        account.pointee.excess &+= 1
        return account.pointee.excess
    }

    private func slot(_ hash: UInt64, now: UInt32, full: Int) -> UnsafeMutablePointer<Account> {
        let tag = max(UInt32(truncatingIfNeeded: hash >> 32), 1)
        let bucket = accounts + (Int(truncatingIfNeeded: hash) & bucketMask) * Self.slotsPerBucket
        var oldest = bucket
        for slot in bucket..<bucket + Self.slotsPerBucket {
            if slot.pointee.tag == tag { return slot }
            if slot.pointee.tag == 0 {
                oldest = slot
                break
            }
            if now &- slot.pointee.time > now &- oldest.pointee.time { oldest = slot }
        }
        oldest.pointee = Account(tag: tag, time: now, balance: Int32(clamping: max(full, 1_000)), excess: 0)
        return oldest
    }
}
