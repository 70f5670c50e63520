import Testing

@testable import Tools

/// What happened between two moments of a server.
@Suite struct ServerRatesTests {
    private static let before = """
        coredns_dns_requests_total{family="1",proto="udp",server="dns://:53",type="A",view="",zone="."} 100
        coredns_dns_responses_total{plugin="cache",rcode="NOERROR",server="dns://:53",view="",zone="."} 100
        coredns_cache_hits_total{type="success"} 40
        coredns_cache_misses_total 60
        coredns_proxy_request_duration_seconds_count{proxy_name="forward",rcode="NOERROR",to="192.0.2.1:53"} 60
        coredns_proxy_request_duration_seconds_sum{proxy_name="forward",rcode="NOERROR",to="192.0.2.1:53"} 6
        process_cpu_seconds_total 10
        process_start_time_seconds 1000

        """
    private static let after = """
        coredns_dns_requests_total{family="1",proto="udp",server="dns://:53",type="A",view="",zone="."} 300
        coredns_dns_requests_total{family="2",proto="tcp",server="dns://:53",type="AAAA",view="",zone="."} 100
        coredns_dns_responses_total{plugin="cache",rcode="NOERROR",server="dns://:53",view="",zone="."} 250
        coredns_dns_responses_total{plugin="forward",rcode="SERVFAIL",server="dns://:53",view="",zone="."} 150
        coredns_dns_request_duration_seconds_sum{server="dns://:53",view="",zone="."} 0.6
        coredns_dns_request_duration_seconds_count{server="dns://:53",view="",zone="."} 300
        coredns_dns_request_duration_seconds_bucket{server="dns://:53",view="",zone=".",le="0.001"} 150
        coredns_dns_request_duration_seconds_bucket{server="dns://:53",view="",zone=".",le="0.01"} 297
        coredns_dns_request_duration_seconds_bucket{server="dns://:53",view="",zone=".",le="+Inf"} 300
        coredns_cache_hits_total{type="success"} 100
        coredns_cache_hits_total{type="denial"} 30
        coredns_cache_misses_total 90
        coredns_cache_entries{type="success"} 7
        coredns_proxy_request_duration_seconds_count{proxy_name="forward",rcode="NOERROR",to="192.0.2.1:53"} 80
        coredns_proxy_request_duration_seconds_sum{proxy_name="forward",rcode="NOERROR",to="192.0.2.1:53"} 7
        coredns_proxy_request_duration_seconds_count{proxy_name="forward",rcode="SERVFAIL",to="192.0.2.1:53"} 20
        coredns_proxy_request_duration_seconds_sum{proxy_name="forward",rcode="SERVFAIL",to="192.0.2.1:53"} 1
        clusterdns_forward_upstream_quarantined{to="192.0.2.2:53"} 1
        process_cpu_seconds_total 11
        process_resident_memory_bytes 1048576
        process_start_time_seconds 1000
        coredns_build_info{goversion="x",revision="",version="1.2.3"} 1

        """

    private static func snapshot(_ text: String, second: UInt64, top: String = "") -> ServerSnapshot {
        var snapshot = ServerSnapshot(metrics: Array(text.utf8), time: second * 1_000_000_000)
        if !top.isEmpty { snapshot.state.add(top: Array(top.utf8)) }
        return snapshot
    }

    @Test("is told per second")
    func perSecond() {
        let rates = ServerRates(from: Self.snapshot(Self.before, second: 5), to: Self.snapshot(Self.after, second: 7))
        #expect(rates.perSecond.queries == 150)
        #expect(rates.perSecond.types == ["A": 100, "AAAA": 50])
        #expect(rates.perSecond.transports == ["udp": 100, "tcp": 50])
        #expect(rates.perSecond.codes == ["NOERROR": 75, "SERVFAIL": 75])
        #expect(rates.perSecond.plugins == ["cache": 75, "forward": 75])
        #expect(rates.hitRatio == 0.75)
        #expect(rates.meanSeconds == 0.002)
        #expect(rates.bound(share: 0.5) == 0.001)
        #expect(rates.bound(share: 0.99) == 0.01)
        #expect(rates.bound(share: 1) == .infinity)
        #expect(rates.cores == 0.5)
        #expect(rates.state.residentBytes == 1_048_576)
        #expect(rates.state.versions == ["1.2.3"])
        let upstream = rates.upstreams["192.0.2.1:53"]
        #expect(upstream?.rate == 20)
        #expect(upstream?.failureRatio == 0.5)
        #expect(upstream?.roundTrip == 0.05)
        #expect(rates.upstreams["192.0.2.2:53"]?.isQuarantined == true)
    }

    @Test("begins at zero where the server started anew meanwhile")
    func restart() {
        let again = Self.before.replacing("seconds 1000", with: "seconds 2000")
        let rates = ServerRates(from: Self.snapshot(Self.after, second: 5), to: Self.snapshot(again, second: 6))
        #expect(rates.perSecond.queries == 100)
        #expect(rates.cores == 10)
        #expect(rates.perSecond.types == ["A": 100])
    }

    @Test("is nothing, and not infinite, where nothing happened")
    func idle() {
        let moment = Self.snapshot(Self.after, second: 5)
        let rates = ServerRates(from: moment, to: moment)
        #expect(rates.perSecond.queries == 0)
        #expect(rates.hitRatio == nil && rates.meanSeconds == nil && rates.bound(share: 0.5) == nil)
    }

    @Test("is added up over several servers")
    func several() {
        let top = #"{"names":[{"name":"a.test.","queries":64,"error":0}],"clients":[]}"#
        let other =
            #"{"names":[{"name":"b.test.","queries":192,"error":0},{"name":"a.test.","queries":1}],"clients":[]}"#
        let one = ServerRates(
            from: Self.snapshot(Self.before, second: 5), to: Self.snapshot(Self.after, second: 7, top: top))
        let two = ServerRates(
            from: Self.snapshot(Self.before, second: 5), to: Self.snapshot(Self.after, second: 7, top: other))
        let sum = ServerRates.sum([one, two])
        #expect(sum.servers == 2)
        #expect(sum.perSecond.queries == 300)
        #expect(sum.cores == 1)
        #expect(sum.upstreams["192.0.2.1:53"]?.rate == 40)
        #expect(sum.upstreams["192.0.2.1:53"]?.roundTrip == 0.05)
        #expect(
            sum.state.names == [
                ServerState.Talker(name: "b.test.", queries: 192),
                ServerState.Talker(name: "a.test.", queries: 65),
            ])
        #expect(ServerRates.sum([]).servers == 0)
    }

    private static let reports: [(text: String, names: [ServerState.Talker]?)] = [
        ("", nil), ("<html>404</html>", nil), ("[1, 2]", nil), ("{\"names\": 7}", nil), ("{", nil),
        ("{\"names\":[],\"clients\":[]}", []),
        ("{\"names\":[{\"name\":\"a.\",\"queries\":\"x\"}],\"clients\":[]}", []),
        (
            "{\"names\":[{\"name\":\"a\\u001b[2J.\",\"queries\":5}],\"clients\":[]}",
            [ServerState.Talker(name: "a\u{FFFD}[2J.", queries: 5)]
        ),
    ]

    @Test("takes names from /debug/top only where that is what it should be", arguments: reports)
    func report(text: String, names: [ServerState.Talker]?) {
        #expect(Self.snapshot(Self.after, second: 1, top: text).state.names == names)
    }
}
