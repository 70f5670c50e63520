import DNSMessage
import Ldns
import Upstream

/// An answer for machines: a DNS message in JSON (RFC 8427), and members beside it that tell how it came.
enum QueryJSON {
    static func value(_ answer: QueryRun.Answer) -> JSONValue {
        let message = answer.message
        let flags = message.flags
        let question = message.questions.first
        return .members([
            "ID": .integer(Int(message.id)), "QR": bit(flags.isResponse),
            "Opcode": .integer(Int(flags.opcode.rawValue)), "AA": bit(flags.isAuthoritative),
            "TC": bit(flags.isTruncated), "RD": bit(flags.recursionDesired), "RA": bit(flags.recursionAvailable),
            "AD": bit(flags.authenticData), "CD": bit(flags.checkingDisabled),
            "RCODE": .integer(Int(message.responseCode.rawValue)), "RCODEname": .string("\(message.responseCode)"),
            "QDCOUNT": .integer(message.questions.count), "ANCOUNT": .integer(message.answer.count),
            "NSCOUNT": .integer(message.authority.count), "ARCOUNT": .integer(message.additional.count),
            "QNAME": question.map { .string("\($0.name)") }, "QTYPE": question.map { .integer(Int($0.type.rawValue)) },
            "QTYPEname": question.map { .string("\($0.type)") },
            "QCLASS": question.map { .integer(Int($0.class.rawValue)) },
            "QCLASSname": question.map { .string("\($0.class)") },
            "answerRRs": .array(message.answer.map(value)), "authorityRRs": .array(message.authority.map(value)),
            "additionalRRs": .array(message.additional.filter { $0.type != .opt }.map(value)),
            "EDNS": ReceivedEDNS(message).map(value), "dateSeconds": .integer(answer.time),
            "server": .string("\(answer.server)"), "transport": .string(answer.transport.rawValue),
            "queryMilliseconds": .number(Double(answer.nanoseconds) / 1_000_000),
            "messageBytes": .integer(answer.length),
        ])
    }

    private static func bit(_ isSet: Bool) -> JSONValue { .integer(isSet ? 1 : 0) }

    private static func value(_ record: Record) -> JSONValue {
        .object([
            JSONValue.Member(name: "NAME", value: .string("\(record.name)")),
            JSONValue.Member(name: "TYPE", value: .integer(Int(record.type.rawValue))),
            JSONValue.Member(name: "TYPEname", value: .string("\(record.type)")),
            JSONValue.Member(name: "CLASS", value: .integer(Int(record.class.rawValue))),
            JSONValue.Member(name: "CLASSname", value: .string("\(record.class)")),
            JSONValue.Member(name: "TTL", value: .integer(Int(record.ttl))),
            JSONValue.Member(name: "rdata\(record.type)", value: .string(record.data.presentation)),
        ])
    }

    private static func value(_ edns: ReceivedEDNS) -> JSONValue {
        .members([
            "version": .integer(Int(edns.version)), "DO": bit(edns.isDNSSECOK), "udpSize": .integer(Int(edns.udpSize)),
            "options": .array(edns.options.map(value)),
        ])
    }

    private static func value(_ option: ReceivedEDNS.Option) -> JSONValue {
        .members([
            "code": .integer(Int(option.code.rawValue)), "dataHEX": .string(ReceivedEDNS.hex(option.data)),
            "extendedError": option.extendedError.map {
                .members([
                    "code": .integer(Int($0.code.rawValue)), "name": .string($0.code.name), "text": .string($0.text),
                ])
            },
        ])
    }
}
