import Files

/// The small files that a connection is made from. What is thrown starts with the path; no content is repeated.
enum ConnectionFile {
    /// Certificates, PEM.
    static func certificates(_ path: String) throws(Mistake) -> [UInt8] {
        let bytes = try content(path, limit: ConnectionLimits.pemBytes)
        do throws(Mistake) {
            try PEMText(bytes).checkCertificates()
        } catch {
            throw Mistake("\(path) \(error.words)")
        }
        return bytes
    }

    /// A private key, PEM.
    static func privateKey(_ path: String) throws(Mistake) -> [UInt8] {
        let bytes = try content(path, limit: ConnectionLimits.pemBytes)
        do throws(Mistake) {
            try PEMText(bytes).checkPrivateKey()
        } catch {
            throw Mistake("\(path) \(error.words)")
        }
        return bytes
    }

    /// The `Authorization` field of a token.
    static func bearer(_ path: String) throws(Mistake) -> String {
        let bytes = try content(path, limit: ConnectionLimits.tokenBytes)
        do throws(Mistake) {
            return try Authorization.bearer(bytes)
        } catch {
            throw Mistake("\(path) \(error.words)")
        }
    }

    /// Any content.
    static func content(_ path: String, limit: Int) throws(Mistake) -> [UInt8] {
        let file: RegularFile
        do {
            file = try RegularFile(path)
        } catch {
            throw Mistake("\(path) \(error)")
        }
        do {
            return try file.read(limit: limit)
        } catch {
            throw Mistake("\(path) \(error)")
        }
    }
}
