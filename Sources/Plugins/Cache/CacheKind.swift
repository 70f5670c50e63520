import Corefile
import DNSMessage
import PluginKit

/// # cache
///
/// Keeps answers of the plugins below, in the memory of the process, until their TTL is over.
///
/// ## Syntax
/// ```
/// cache [TTL] [ZONE...] {
///     success CAPACITY [TTL [MINTTL]]
///     denial CAPACITY [TTL [MINTTL]]
///     size BYTES
///     prefetch AMOUNT [DURATION [PERCENTAGE%]]
///     serve_stale [DURATION [immediate [TTL [RECHECK]] | verify [TIMEOUT [TTL [RECHECK]]]]]
///     serve_stale_policy prefer_positive
///     servfail DURATION
///     disable success|denial [ZONE...]
///     keepttl
/// }
/// ```
/// - `TTL` is the longest time that an answer is kept, in seconds; clients see no longer TTL either. Without it that is
///   3600 for data and 1800 for denials. `ZONE...` are the zones whose answers are kept; the default is the zones of
///   the server block.
/// - `success` is about data, `denial` about names and types that do not exist. An answer counts as long as its
///   shortest TTL, a denial also as long as its SOA record's minimum, but no longer than `TTL` and no shorter than
///   `MINTTL`, which is 5 by default. An answer with a TTL of 0 is passed on as it is and not kept, nor is one for a
///   part of the network only (ECS).
/// - `CAPACITY`, 10000 by default, is a number of entries. Here both capacities together stand for bytes: 256 for each
///   entry, about 5 MB by default. `size` says the bytes themselves, as in `64MB`; all bookkeeping is included. Memory
///   is taken as answers come. When it is full, answers that were asked for once go before others.
/// - `prefetch` fetches an answer anew when it was asked for `AMOUNT` times, with no pause longer than `DURATION` (1m),
///   and `PERCENTAGE` (10%) of its TTL or less is left.
/// - `serve_stale` gives answers for `DURATION` (1h) past their TTL, with a TTL of `TTL` (0) and Extended DNS Error 3
///   or 19. With `immediate` that happens at once, and the answer is fetched anew afterwards; with `verify` only if the
///   plugins below fail, or have no answer after `TIMEOUT` (0: no limit). After a failure nothing is tried for
///   `RECHECK` (5s).
/// - `serve_stale_policy prefer_positive` gives data past its TTL rather than a denial past its TTL.
/// - `servfail` is how long failures are kept, 5s by default, 5m at most; 0 keeps none.
/// - `disable` keeps no data, or no denials, of these zones; TTLs are shortened all the same.
/// - `keepttl` shows an answer's first TTL as long as it is kept.
///
/// Queries with and without DO, and with and without CD, have answers of their own. What `kubernetes` and `hosts` know
/// is never kept, since asking them costs no more than asking the cache: it is always the newest. It counts as a miss.
/// A reload keeps the cache of a block whose `cache` line, zones and plugins stay the same.
///
/// ## Metrics
/// - `coredns_cache_entries{server,type,zones,view}` is the number of answers; `type` is `success` or `denial`.
/// - `coredns_cache_hits_total{server,type,zones,view}`, `coredns_cache_misses_total{server,zones,view}` and
///   `coredns_cache_requests_total{server,zones,view}`, their sum.
/// - `coredns_cache_prefetch_total{server,zones,view}`, `coredns_cache_served_stale_total{server,zones,view}`,
///   `coredns_cache_drops_total{server,zones,view}` and `coredns_cache_evictions_total{server,type,zones,view}`.
///
/// ## Examples
/// ```corefile
/// . {
///     cache 30
///     whoami
/// }
/// ```
/// 64 MB, answers past their TTL while the upstream fails, and nothing of one zone:
/// ```corefile
/// . {
///     cache 3600 {
///         size 64MB
///         prefetch 10 1m 20%
///         serve_stale 1h verify 500ms
///         disable success example.org
///         disable denial example.org
///     }
///     whoami
/// }
/// ```
enum CacheKind: PluginKind {
    /// The word in the Corefile.
    static let name = "cache"

    /// Adds the link.
    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        let reader = CacheOptionReader(directive, &setup)
        let keeper = setup.lasting.object("\(setup.block.index)") { CacheKeeper() }
        setup.link(CachePlugin(reader.options, keeper, setup))
    }
}
