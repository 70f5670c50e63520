/// A sample for machines.
enum TopJSON {
    static func value(_ watch: ServerWatch) -> JSONValue {
        .members([
            "servers": .array(
                watch.servers.map { .members(["address": .string($0.name), "failure": .text($0.trouble)]) }),
            "sample": watch.rates.map(value),
        ])
    }

    private static func value(_ rates: ServerRates) -> JSONValue {
        let (counts, state) = (rates.perSecond, rates.state)
        return .members([
            "servers": .integer(rates.servers), "queriesPerSecond": .number(counts.queries),
            "queriesPerSecondByType": value(counts.types), "queriesPerSecondByTransport": value(counts.transports),
            "answersPerSecondByRcode": value(counts.codes), "answersPerSecondByPlugin": value(counts.plugins),
            "meanSeconds": rates.meanSeconds.map { .number($0) },
            "cacheHitRatio": rates.hitRatio.map { .number($0) }, "cacheEntries": .number(state.cacheEntries),
            "staleAnswersPerSecond": .number(counts.staleAnswers),
            "upstreams": .array(rates.upstreams.sorted { $0.key < $1.key }.map(value)),
            "cpuCores": rates.cores.map { .number($0) }, "residentBytes": state.residentBytes.map { .number($0) },
            "names": state.names.map(value), "clients": state.clients.map(value),
        ])
    }

    private static func value(_ rates: [String: Double]) -> JSONValue {
        .object(
            rates.sorted { $0.key < $1.key }.map { JSONValue.Member(name: $0.key, value: .number($0.value)) })
    }

    private static func value(_ upstream: (key: String, value: ServerRates.Upstream)) -> JSONValue {
        .members([
            "address": .string(upstream.key), "answersPerSecond": .number(upstream.value.rate),
            "roundTripSeconds": upstream.value.roundTrip.map { .number($0) },
            "failureRatio": upstream.value.failureRatio.map { .number($0) },
            "leftOut": .bool(upstream.value.isQuarantined),
        ])
    }

    private static func value(_ talkers: [ServerState.Talker]) -> JSONValue {
        .array(talkers.map { .members(["name": .string($0.name), "queries": .integer($0.queries)]) })
    }
}
