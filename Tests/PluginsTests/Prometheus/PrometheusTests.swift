import AdminHTTP
import DNSMessage
import PluginKit
@testable import Plugins
import Testing

@Suite("prometheus")
struct PrometheusTests {
    private static let addresses = ["x.test. 5 IN A 192.0.2.1", "x.test. 5 IN A 192.0.2.2"]

    @Test("counts queries and answers under CoreDNS's names and labels")
    func counts() throws {
        let block = try RunningBlock("prometheus 127.0.0.1:0", answering: CannedAnswer(Self.addresses))
        for worker in 0..<2 { block.ask(TestQuery("x.test", .a), size: 35, worker: worker) }
        var other = TestQuery("x.test", RecordType(rawValue: 99), edns: .init(dnssecOK: true))
        other.transport = .tcp
        other.client = SocketAddress(IPAddress(high: 1, low: 1), port: 1)
        block.ask(other, size: 401)
        let site = #"server="dns://:53""#
        let zone = #"view="",zone=".""#
        for line in [
            #"coredns_dns_requests_total{family="1",proto="udp",\#(site),type="A",\#(zone)} 2"#,
            #"coredns_dns_requests_total{family="2",proto="tcp",\#(site),type="other",\#(zone)} 1"#,
            #"coredns_dns_responses_total{plugin="",rcode="NOERROR",\#(site),\#(zone)} 3"#,
            #"coredns_dns_do_requests_total{\#(site),\#(zone)} 1"#,
            #"coredns_dns_request_duration_seconds_count{\#(site),\#(zone)} 3"#,
            #"coredns_dns_request_duration_seconds_bucket{\#(site),\#(zone),le="8.192"} 3"#,
            #"coredns_dns_request_size_bytes_sum{proto="udp",\#(site),\#(zone)} 70"#,
            #"coredns_dns_request_size_bytes_bucket{proto="tcp",\#(site),\#(zone),le="400"} 0"#,
            #"coredns_dns_request_size_bytes_bucket{proto="tcp",\#(site),\#(zone),le="511"} 1"#,
            // Header 12, question 12, two records of 22 before compression.
            #"coredns_dns_response_size_bytes_sum{proto="udp",\#(site),\#(zone)} 136"#,
            #"coredns_plugin_enabled{name="prometheus",\#(site),\#(zone)} 1"#,
        ] {
            let name = line.prefix { $0 != "{" }
            #expect(block.metrics("\(name){").contains(line), "\(line) in \(block.metrics("\(name){"))")
        }
        #expect(block.metrics("coredns_dns_requests_total{").count == 2)
        #expect(block.metrics("coredns_dns_responses_total{").count == 1)
    }

    @Test("names the plugin that answered, and nobody for what the server wrote")
    func responders() throws {
        let block = try RunningBlock("prometheus 127.0.0.1:0\nwhoami")
        block.ask(TestQuery("x.test", .a))
        block.refuse(TestQuery("x.test", .a, class: .chaos), .refused)
        block.refuse(TestQuery("x.test", .a), .badVers)
        #expect(
            block.metrics("coredns_dns_responses_total{") == [
                #"coredns_dns_responses_total{plugin="",rcode="BADVERS",server="dns://:53",view="",zone="dropped"} 1"#,
                #"coredns_dns_responses_total{plugin="",rcode="REFUSED",server="dns://:53",view="",zone="dropped"} 1"#,
                #"coredns_dns_responses_total{plugin="whoami",rcode="NOERROR",server="dns://:53",view="",zone="."} 1"#,
            ])
        #expect(
            block.metrics("coredns_plugin_enabled{") == [
                #"coredns_plugin_enabled{name="prometheus",server="dns://:53",view="",zone="."} 1"#,
                #"coredns_plugin_enabled{name="whoami",server="dns://:53",view="",zone="."} 1"#,
            ])
    }

    @Test(
        "gives the types that CoreDNS names a label of their own",
        arguments: [
            (RecordType.aaaa, "AAAA"), (.a, "A"), (.cname, "CNAME"), (.dnskey, "DNSKEY"), (.ds, "DS"), (.mx, "MX"),
            (.nsec3, "NSEC3"), (.nsec, "NSEC"), (.ns, "NS"), (.ptr, "PTR"), (.rrsig, "RRSIG"), (.soa, "SOA"),
            (.srv, "SRV"), (.txt, "TXT"), (.https, "HTTPS"), (.svcb, "SVCB"), (.ixfr, "IXFR"), (.axfr, "AXFR"),
            (.any, "ANY"), (.caa, "other"), (RecordType(rawValue: 0), "other"), (RecordType(rawValue: 65535), "other"),
        ])
    func types(type: RecordType, label: String) throws {
        let block = try RunningBlock("prometheus 127.0.0.1:0", answering: CannedAnswer())
        block.ask(TestQuery("x.test", type))
        let lines = block.metrics("coredns_dns_requests_total{")
        #expect(lines.count == 1 && lines[0].contains("type=\"\(label)\""), "\(lines)")
    }

    @Test("counts unusual response codes as CoreDNS names them, and all others as one")
    func codes() throws {
        for (code, label) in [(5, "REFUSED"), (16, "BADVERS"), (23, "BADCOOKIE"), (24, "other"), (4095, "other")] {
            let answer = CannedAnswer(code: ResponseCode(rawValue: UInt16(code)))
            let block = try RunningBlock("prometheus 127.0.0.1:0", answering: answer)
            block.ask(TestQuery("x.test", .a))
            #expect(block.metrics("coredns_dns_responses_total{").first?.contains("rcode=\"\(label)\"") == true)
        }
    }

    @Test("serves the metrics as text until the end")
    func serves() throws {
        let block = try RunningBlock("prometheus 127.0.0.1:0", answering: CannedAnswer(Self.addresses))
        block.ask(TestQuery("x.test", .a))
        let address = block.part(PrometheusPlugin.self)?.listening
        let text = try #require(httpGet("/metrics", at: address))
        #expect(text.hasPrefix("200 # HELP "))
        #expect(text.contains("\ncoredns_dns_requests_total{family=\"1\",proto=\"udp\","))
        #expect(httpGet("/", at: address) == "404 404 page not found\n")
        _ = block.finish()
        #expect(httpGet("/metrics", at: address) == nil)
    }

    @Test("shows counters without labels from the start, whether their plugin is configured or not")
    func zeros() throws {
        let block = try RunningBlock("prometheus 127.0.0.1:0")
        #expect(block.metrics("coredns_health_request_failures_total") == ["coredns_health_request_failures_total 0"])
        #expect(block.metrics("coredns_local_localhost") == ["coredns_local_localhost_requests_total 0"])
        #expect(block.metrics("coredns_health_request_duration_seconds_count").count == 1)
        #expect(block.metrics("coredns_dns_").isEmpty)
    }

    @Test(
        "reports mistakes",
        arguments: [
            ("prometheus 9153", ["2:12 error: address 9153: missing port in address"]),
            ("prometheus :9153 x", ["2:18 error: Wrong argument count or unexpected line ending after 'x'"]),
            ("prometheus\nprometheus", ["3:1 error: 'prometheus' can only be used once per server block"]),
            ("prometheus {\nruntime\n}", ["3:1 error: unknown property 'runtime'"]),
            ("prometheus {\ntls web.yaml\n}", ["3:1 error: metrics over TLS are not built into clusterdns"]),
            ("prometheus {\nruntime_metrics\n}", []),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }
}
