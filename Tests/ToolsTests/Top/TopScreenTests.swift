import Testing

@testable import Tools

/// What `top` draws.
@Suite struct TopScreenTests {
    private static var rates: ServerRates {
        var rates = ServerRates()
        rates.servers = 1
        rates.perSecond.queries = 12_345
        rates.perSecond.types = ["A": 9_000, "AAAA": 3_000, "TXT": 345]
        rates.perSecond.transports = ["udp": 12_345]
        rates.perSecond.codes = ["NOERROR": 9_000, "NXDOMAIN": 3_345]
        rates.perSecond.plugins = ["kubernetes": 12_300, "": 45]
        rates.perSecond.seconds = 1.2345
        rates.perSecond.timed = 12_345
        rates.perSecond.within = [0.000_25: 12_000, 0.001: 12_345]
        rates.perSecond.cacheHits = 75
        rates.perSecond.cacheMisses = 25
        rates.state.cacheEntries = 1_234
        rates.cores = 0.514
        rates.state.residentBytes = 43 * 1_048_576
        rates.state.startTime = 1_000
        rates.state.versions = ["0.1.0"]
        rates.upstreams = ["192.0.2.53:53": ServerRates.Upstream(rate: 42, failureRatio: 0.01, roundTrip: 0.0123)]
        rates.state.names = (1...30).map { ServerState.Talker(name: "name\($0).example.org.", queries: 64 * (31 - $0)) }
        rates.state.clients = [ServerState.Talker(name: "10.244.0.7", queries: 6_400)]
        return rates
    }

    private static func screen(
        _ rates: ServerRates?, width: Int = 90, height: Int? = nil, servers: [TopScreen.Server] = []
    ) -> TopScreen {
        let usual = [TopScreen.Server(name: "http://127.0.0.1:9153")]
        return TopScreen(
            rates: rates, servers: servers.isEmpty ? usual : servers, now: 8_980, width: width, height: height)
    }

    @Test("has the figures, upstreams, names and clients")
    func whole() {
        let lines = Self.screen(Self.rates, height: 19).lines.map(\.text)
        let clients = "CLIENTS"
        #expect(
            lines == [
                "http://127.0.0.1:9153   version 0.1.0   up 2h13m", "",
                "queries  12,345/s   A 73%   AAAA 24%   TXT 2.8%", "over     udp 100%",
                "answers  NOERROR 73%   NXDOMAIN 27%", "from     kubernetes 99.6%   the server itself 0.4%",
                "time     mean 0.10 ms   half within 0.25 ms   99% within 1.0 ms",
                "cache    hits 75%   answers kept 1,234", "process  CPU 0.51 cores   memory 43 MiB", "",
                "UPSTREAM        ANSWERS/s  ROUND TRIP  FAILED", "192.0.2.53:53          42       12 ms    1.0%", "",
                "NAMES (estimates, last minute or two)".padded(62) + clients,
                "    1,920  name1.example.org.".padded(62) + "    6,400  10.244.0.7",
                "    1,856  name2.example.org.", "    1,792  name3.example.org.", "    1,728  name4.example.org.",
                "    1,664  name5.example.org.",
            ])
    }

    @Test("fits into every window", arguments: [1, 10, 40, 75, 76, 200], [1, 3, 12, 24, 60])
    func fits(width: Int, height: Int) {
        let troubled = [
            TopScreen.Server(name: "http://192.0.2.1:9153", trouble: "nobody is there"), TopScreen.Server(name: "b"),
        ]
        for rates in [Self.rates, nil] {
            let lines = Self.screen(rates, width: width, height: height, servers: troubled).lines
            #expect(lines.count <= height)
            #expect(lines.allSatisfy { $0.text.count <= width })
        }
    }

    @Test("tells which servers do not answer, and counts the others")
    func troubles() {
        let servers = [TopScreen.Server(name: "a"), TopScreen.Server(name: "b", trouble: "nobody is there")]
        let lines = Self.screen(Self.rates, servers: servers).lines.map(\.text)
        #expect(lines[0].hasPrefix("2 servers, 1 of them answers"))
        #expect(lines[1] == "! b: nobody is there")
        let alone = Self.screen(nil, servers: [TopScreen.Server(name: "b", trouble: "nobody is there")]).lines
        #expect(alone.map(\.text) == ["b", "! nobody is there"])
    }

    @Test("says so where a server has no /debug/top")
    func withoutTop() {
        var rates = Self.rates
        rates.state.names = nil
        let lines = Self.screen(rates).lines.map(\.text)
        #expect(lines.last == "The server has no /debug/top, so that names and clients are not known.")
    }

    private static let figures: [(value: Double, whole: String, rate: String)] = [
        (0, "0", "0.0"), (0.05, "0", "0.1"), (9.94, "10", "9.9"), (999, "999", "999"), (1_000, "1,000", "1,000"),
        (1_234_567, "1,234,567", "1,234,567"), (-1_234, "-1,234", "-1234.0"), (.infinity, "-", "-"), (.nan, "-", "-"),
    ]

    @Test("writes figures as people do", arguments: figures)
    func figure(value: Double, whole: String, rate: String) {
        #expect(TopScreen.whole(value) == whole)
        #expect(TopScreen.rate(value) == rate)
    }

    @Test("writes shares and times so that small ones can be told apart")
    func units() {
        #expect(
            [0, 0.001, 0.0999, 0.1, 0.985, 0.999, 0.9999, 1].map(TopScreen.percent) == [
                "0.0%", "0.1%", "10.0%", "10%", "99%", "99.9%", "100%", "100%",
            ])
        #expect(
            [0.000_012, 0.000_25, 0.001_2, 0.012, 0.5, 2].map(TopScreen.seconds) == [
                "0.012 ms", "0.25 ms", "1.2 ms", "12 ms", "500 ms", "2.0 s",
            ])
        #expect([5, 65, 3_700, 90_000].map(TopScreen.duration) == ["5s", "1m5s", "1h1m", "1d1h"])
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: width - count) }
}
