import Telemetry
import Testing

@Suite("exposition")
struct ExpositionTests {
    private let registry = MetricsRegistry(workers: 2)
    private var text: String { String(decoding: registry.exposition(), as: UTF8.self) }

    @Test("shows counters sorted by name and labels, label names sorted too")
    func counters() {
        let family = registry.counters("b_total", help: "The b.", labels: ["server", "proto"])
        family.counter(["dns://:53", "udp"]).add(3, by: WorkerSlot(0))
        family.counter(["dns://:53", "udp"]).add(4, by: WorkerSlot(1))
        family.counter(["dns://:53", "tcp"]).add(1)
        _ = family.counter(["dns://:54", "tcp"])
        registry.counter("a_total", help: "The a.").add(2)
        #expect(
            text == """
                # HELP a_total The a.
                # TYPE a_total counter
                a_total 2
                # HELP b_total The b.
                # TYPE b_total counter
                b_total{proto="tcp",server="dns://:53"} 1
                b_total{proto="udp",server="dns://:53"} 7

                """)
    }

    @Test("shows 0 only for what has no labels or asks for it")
    func zeros() {
        _ = registry.counter("none_total", help: "h")
        _ = registry.counters("hidden_total", help: "h", labels: ["x"]).counter(["1"])
        _ = registry.counters("shown_total", help: "h", labels: ["x"], showsZero: true).counter(["1"])
        _ = registry.counters("empty_total", help: "h", labels: ["x"], showsZero: true)
        #expect(
            text == """
                # HELP none_total h
                # TYPE none_total counter
                none_total 0
                # HELP shown_total h
                # TYPE shown_total counter
                shown_total{x="1"} 0

                """)
    }

    @Test("shows the numbers of a dense family above 0, and adds up those whose labels read alike")
    func dense() {
        let family = registry.counters("d_total", help: "h", labels: ["server", "type"])
        let names = ["A", "other", "AAAA", "other"]
        let cells = family.dense(["s"], count: 4) { [names[$0]] }
        cells.add(5, at: 0, by: WorkerSlot(0))
        cells.add(2, at: 1, by: WorkerSlot(1))
        cells.add(1, at: 3)
        family.dense(["s"], count: 1, layout: "after a reload") { _ in ["other"] }.add(4, at: 0)
        family.counter(["s", "other"]).add(6)
        #expect(
            text == """
                # HELP d_total h
                # TYPE d_total counter
                d_total{server="s",type="A"} 5
                d_total{server="s",type="other"} 13

                """)
    }

    @Test("shows a histogram with cumulative buckets, sum and count, le behind the other labels")
    func histogram() {
        let family = registry.histograms("h_seconds", help: "h", labels: ["zone"], buckets: SlimTimeBuckets.self)
        let histogram = family.histogram(["."])
        histogram.observe(250_000, by: WorkerSlot(0))
        histogram.observe(300_701, by: WorkerSlot(1))
        histogram.observe(3_000_000_000)
        _ = family.histogram(["unused."])
        #expect(
            text == """
                # HELP h_seconds h
                # TYPE h_seconds histogram
                h_seconds_bucket{zone=".",le="0.00025"} 1
                h_seconds_bucket{zone=".",le="0.0025"} 2
                h_seconds_bucket{zone=".",le="0.025"} 2
                h_seconds_bucket{zone=".",le="0.25"} 2
                h_seconds_bucket{zone=".",le="2.5"} 2
                h_seconds_bucket{zone=".",le="+Inf"} 3
                h_seconds_sum{zone="."} 3.000550701
                h_seconds_count{zone="."} 3

                """)
    }

    @Test("shows a histogram without labels from the start, bounds spelled as CoreDNS spells them")
    func sizes() {
        _ = registry.histograms("s_bytes", help: "h", buckets: SizeBuckets.self).histogram()
        let bounds = text.split(separator: "\n").compactMap { line in
            line.hasPrefix("s_bytes_bucket") ? line.split(separator: "\"").dropFirst().first.map(String.init) : nil
        }
        let expected = "0 100 200 300 400 511 1023 2047 4095 8291 16000 32000 48000 64000 +Inf"
        #expect(bounds == expected.split(separator: " ").map(String.init))
        #expect(text.hasSuffix("s_bytes_sum 0\ns_bytes_count 0\n"))
    }

    @Test("spells the bounds of times as CoreDNS spells them")
    func times() {
        _ = registry.histograms("t", help: "h", buckets: TimeBuckets.self).histogram()
        _ = registry.histograms("p", help: "h", buckets: ProgrammingBuckets.self).histogram()
        for bound in ["0.00025", "0.0005", "0.001", "0.256", "1.024", "8.192"] {
            #expect(text.contains("t_bucket{le=\"\(bound)\"} 0\n"))
        }
        for bound in ["0.001", "0.512", "16.384", "524.288"] {
            #expect(text.contains("p_bucket{le=\"\(bound)\"} 0\n"))
        }
    }

    @Test(
        "shows gauges as short as they can be written",
        arguments: [
            (0.0, "0"), (1, "1"), (-2.5, "-2.5"), (0.1, "0.1"), (1_795_207_117, "1795207117"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ])
    func gauges(value: Double, shown: String) {
        registry.gauges("g", help: "h", labels: ["a"]).gauge(["x"]).value = value
        #expect(text == "# HELP g h\n# TYPE g gauge\ng{a=\"x\"} \(shown)\n")
    }

    @Test("asks for observed values each time, and the latest closure wins")
    func observed() {
        let family = registry.gauges("g", help: "h")
        let old = family.observe { 1 }
        let new = family.observe { 2 }
        family.remove(old)
        #expect(text == "# HELP g h\n# TYPE g gauge\ng 2\n")
        family.remove(new)
        #expect(text == "")
        registry.observeCounter("c_total", help: "h") { 3 }
        #expect(text == "# HELP c_total h\n# TYPE c_total counter\nc_total 3\n")
    }

    @Test("drops series that were removed")
    func removed() {
        let family = registry.gauges("coredns_plugin_enabled", help: "h", labels: ["name"])
        family.gauge(["log"]).value = 1
        family.gauge(["errors"]).value = 1
        family.remove(["log"])
        #expect(text.hasSuffix("coredns_plugin_enabled{name=\"errors\"} 1\n"))
        #expect(!text.contains("\"log\""))
        family.removeAll()
        #expect(text == "")
    }

    @Test(
        "escapes label values",
        arguments: [
            ("plain", "plain"), ("a\"b", "a\\\"b"), ("a\\b", "a\\\\b"), ("a\nb", "a\\nb"), ("Grüße", "Grüße"),
            ("\\\"\n", "\\\\\\\"\\n"),
        ])
    func escapes(value: String, shown: String) {
        registry.counters("c", help: "h", labels: ["l"]).counter([value]).add()
        #expect(text == "# HELP c h\n# TYPE c counter\nc{l=\"\(shown)\"} 1\n")
    }
}
