import DNSMessage

/// The variables that the kubelet sets for the Services of a pod's namespace: `WEB_SERVICE_HOST`, and for each port
/// with a name `WEB_SERVICE_PORT_HTTP`, beside `WEB_PORT_80_TCP`.
struct ServiceVariables: Sendable {
    let value: @Sendable (String) -> String?

    /// The address of a Service; its name has one label.
    func address(of name: Name) -> IPAddress? {
        let labels = name.labels
        guard labels.count == 1, let service = word(labels[0]) else { return nil }
        return value("\(service)_SERVICE_HOST").flatMap { IPAddress($0) }
    }

    /// Port and host of `_http._tcp.web`.
    func service(_ name: Name) -> (port: UInt16, host: Name, address: IPAddress)? {
        let labels = name.labels
        guard labels.count == 3, let host = try? Name(presentation: labels[2]), let address = address(of: host),
            let service = word(labels[2]), let portName = word(labels[0].dropFirst()),
            let protocolName = word(labels[1].dropFirst()), labels[0].first == UInt8(ascii: "_"),
            labels[1].first == UInt8(ascii: "_"), ["TCP", "UDP", "SCTP"].contains(protocolName),
            let port = value("\(service)_SERVICE_PORT_\(portName)").flatMap({ UInt16($0) })
        else { return nil }
        // The kubelet tells the protocols of a port in another set of variables.
        guard value("\(service)_PORT_\(port)_\(protocolName)") != nil || !hasProtocols(service, port) else {
            return nil
        }
        return (port, host, address)
    }

    private func hasProtocols(_ service: String, _ port: UInt16) -> Bool {
        ["TCP", "UDP", "SCTP"].contains { value("\(service)_PORT_\(port)_\($0)") != nil }
    }

    /// A name of Kubernetes as part of a variable's name; nil where it can be none.
    private func word(_ label: ArraySlice<UInt8>) -> String? {
        var word = ""
        for byte in label {
            switch foldedByte(byte) {
            case UInt8(ascii: "-"): word.append("_")
            case let byte where byte &- 0x61 < 26: word.unicodeScalars.append(Unicode.Scalar(byte & 0xDF))
            case let byte where byte &- 0x30 < 10: word.unicodeScalars.append(Unicode.Scalar(byte))
            default: return nil
            }
        }
        return word.isEmpty ? nil : word
    }
}
