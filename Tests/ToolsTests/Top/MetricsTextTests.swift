import Testing

@testable import Tools

/// Prometheus's text format, as servers write it.
@Suite struct MetricsTextTests {
    private static let lines: [(line: String, sample: MetricsText.Sample?)] = [
        ("a 1", MetricsText.Sample(name: "a", labels: [:], value: 1)),
        ("a 1 1700000000000", MetricsText.Sample(name: "a", labels: [:], value: 1)),
        ("a{} 1.5e3", MetricsText.Sample(name: "a", labels: [:], value: 1_500)),
        (
            "a_total{b=\"c\",d=\"\"} 7",
            MetricsText.Sample(name: "a_total", labels: ["b": "c", "d": ""], value: 7)
        ),
        (
            #"a{b="quote \" backslash \\ line \n end",} 2"#,
            MetricsText.Sample(name: "a", labels: ["b": "quote \" backslash \\ line \n end"], value: 2)
        ),
        (#"a{b="}"} +Inf"#, MetricsText.Sample(name: "a", labels: ["b": "}"], value: .infinity)),
        ("a", nil), ("a{b=\"c\" 1", nil), ("a{b=\"c", nil), ("a{b} 1", nil), ("a{b=\"c\"} x", nil), ("a{b=\"c\\", nil),
        ("# HELP a text", nil), ("", nil), ("other 1", nil),
    ]

    @Test("is read line by line, and what is none is passed over", arguments: lines)
    func line(line: String, sample: MetricsText.Sample?) {
        let samples = MetricsText.samples(Array("first 1\n\(line)\nalast 3\n".utf8), prefixes: ["a"])
        #expect(samples.first == sample ?? MetricsText.Sample(name: "alast", labels: [:], value: 3))
        #expect(samples.count == (sample == nil ? 1 : 2))
    }
}
