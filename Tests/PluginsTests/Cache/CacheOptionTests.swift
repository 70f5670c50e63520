import DNSMessage
@testable import Plugins
import Testing

@Suite("cache: options")
struct CacheOptionTests {
    private func options(_ lines: String) throws -> CacheOptions { try CachedBlock(lines).plugin.options }

    @Test("CoreDNS's defaults, in about five megabytes")
    func defaults() throws {
        let options = try options("cache")
        #expect(options.zones == [.root])
        #expect(options.success == .init(longest: 3600, shortest: 5))
        #expect(options.denial == .init(longest: 1800, shortest: 5))
        #expect(options.failure == 5)
        #expect(options.prefetch == nil && options.stale == nil && !options.keepsTTL)
        #expect(options.bytes == 20_000 * 256)
    }

    @Test(
        "capacities and sizes are bytes",
        arguments: [
            ("success 100\ndenial 100", 65_536), ("success 1000\ndenial 0", 256_000), ("size 64MB", 64 << 20),
            ("size 65536", 65_536), ("size 1g", 1 << 30), ("size 512KiB", 512 << 10),
            ("success 1000000\nsize 128K", 128 << 10),
        ])
    func bytes(lines: String, bytes: Int) throws {
        #expect(try options("cache {\n\(lines)\n}").bytes == bytes)
    }

    @Test("every option")
    func everything() throws {
        let options = try options(
            """
            cache 60 a.example b.example {
                success 5000 50 10
                denial 2500 40
                prefetch 3 2m 20%
                serve_stale 2h verify 500ms 7 1m
                serve_stale_policy prefer_positive
                servfail 1500ms
                disable success a.example
                disable denial
                keepttl
            }
            """)
        #expect(options.zones == ["a.example", "b.example"])
        #expect(options.success == .init(longest: 50, shortest: 10))
        #expect(options.denial == .init(longest: 40, shortest: 5))
        #expect(options.prefetch == .init(hits: 3, pause: 120_000_000_000, percentage: 20))
        let stale = CacheOptions.Stale(
            duration: .seconds(7200), mode: .verify(timeout: .milliseconds(500)), ttl: 7, recheck: .seconds(60),
            prefersData: true)
        #expect(options.stale == stale)
        #expect(options.failure == 2)
        #expect(options.withoutSuccess == ["a.example"] && options.withoutDenial == [.root])
        #expect(options.keepsTTL)
    }

    @Test(
        "says what is wrong, and where",
        arguments: [
            ("cache 0", "2:7 error: cache TTL can not be zero or negative: 0"),
            ("cache -5", "2:7 error: cache TTL can not be zero or negative: -5"),
            ("cache {\nsuccess\n}", "3:1 error: Wrong argument count or unexpected line ending after 'success'"),
            ("cache {\nsuccess x\n}", "3:9 error: the capacity must be a whole number: 'x'"),
            ("cache {\ndenial 10 0\n}", "3:11 error: cache TTL can not be zero or negative: 0"),
            ("cache {\nsuccess 10 5 -1\n}", "3:14 error: the minimum TTL must be in range [0, 2147483647]: -1"),
            ("cache {\nprefetch -1\n}", "3:10 error: prefetch amount should be positive: -1"),
            ("cache {\nprefetch 1 1m 101%\n}", "3:15 error: percentage should fall in range [10, 90]: 101"),
            ("cache {\nprefetch 1 1m 20\n}", "3:15 error: last character of percentage should be `%`, but is: '20'"),
            ("cache {\nprefetch 1 -1m\n}", "3:12 error: the duration must not be negative: -1m"),
            ("cache {\nserve_stale 1h now\n}", "3:16 error: invalid value for serve_stale refresh mode: now"),
            ("cache {\nserve_stale -1h\n}", "3:13 error: the duration must not be negative: -1h"),
            (
                "cache {\nserve_stale 1h verify 1s 0 10m\n}",
                "3:28 error: a recheck after more than 5 minutes is not permitted: 10m"
            ),
            ("cache {\nserve_stale_policy prefer_positive\n}", "3:1 error: 'serve_stale_policy' needs 'serve_stale'"),
            ("cache {\nservfail 6m\n}", "3:10 error: caching SERVFAIL responses over 5 minutes is not permitted: 6m"),
            (
                "cache {\ndisable both\n}",
                "3:9 error: cache type for disable must be \"success\" or \"denial\": 'both'"
            ),
            ("cache {\nkeepttl 5\n}", "3:9 error: Wrong argument count or unexpected line ending after '5'"),
            ("cache {\nsize 1KB\n}", "3:6 error: the size must be between 64KB and 1TB: 1KB"),
            ("cache {\nsize big\n}", "3:6 error: 'big' is no size"),
            ("cache {\nsucces 5\n}", "3:1 error: unknown property 'succes'"),
            ("cache\ncache", "3:1 error: 'cache' can only be used once per server block"),
        ])
    func mistakes(lines: String, expected: String) {
        #expect(TestBlock.mistakes(lines) == [expected])
    }
}
