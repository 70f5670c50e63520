/// What plugins read from the words of their directives. Each reports a word that is not what it should be.
extension Word {
    /// The word as zones: one, or several for an IP prefix; nil after reporting why not.
    /// A scheme or port in front of or behind the zone has no meaning for a plugin and is reported, but passes.
    public func zones(_ diagnostics: inout Diagnostics) -> [String]? {
        let (_, rest) = ServerKey.splitScheme(self, &diagnostics)
        guard let (zone, port) = ServerKey.splitPort(rest, &diagnostics) else { return nil }
        if let port {
            diagnostics.warning(at: port, "the port of \(quoted) is ignored: only a server block has ports")
        }
        return zone.zonesWithoutPort(&diagnostics)
    }

    func zonesWithoutPort(_ diagnostics: inout Diagnostics) -> [String]? {
        do {
            let zones = try ZoneName.parse(text)
            warnAboutAddress(&diagnostics)
            return zones
        } catch {
            diagnostics.error(at: self, error.description)
            return nil
        }
    }

    /// Addresses are legal zone names, but nobody asks for names below them.
    private func warnAboutAddress(_ diagnostics: inout Diagnostics) {
        if ReverseZones.isAddress(text) {
            let bits = text.contains(":") ? 128 : 32
            diagnostics.warning(
                at: self, "\(quoted) is taken as the name of a zone, not as an address",
                hint: "'\(text)/\(bits)' is its reverse zone; 'bind \(text)' in the block listens on it")
        } else if case .badLength(let max) = ReverseZones.parse(text) {
            diagnostics.warning(
                at: self, "\(quoted) is no CIDR and is taken as the name of a zone",
                hint: "after the slash stands a number from 0 to \(max)")
        }
    }

    /// The word as a whole number within a range; `name` is what the number is called, such as `ttl`.
    public func integer(_ name: String, in range: ClosedRange<Int>, _ diagnostics: inout Diagnostics) -> Int? {
        guard let number = Int(text) else {
            diagnostics.error(at: self, "\(name) must be a whole number: \(quoted)")
            return nil
        }
        guard range.contains(number) else {
            let limits = "[\(range.lowerBound), \(range.upperBound)]"
            diagnostics.error(at: self, "\(name) must be in range \(limits): \(number)")
            return nil
        }
        return number
    }

    /// The word as a duration, such as `1m30s`; it may be negative or zero.
    public func duration(_ diagnostics: inout Diagnostics) -> Duration? {
        do {
            return try GoDuration.parse(text)
        } catch {
            let isNumber = error == .missingUnit && text.allSatisfy(\.isASCIIDigit)
            diagnostics.error(
                at: self, "\(quoted) \(error)", hint: isNumber ? "did you mean '\(text)s'?" : nil)
            return nil
        }
    }
}
