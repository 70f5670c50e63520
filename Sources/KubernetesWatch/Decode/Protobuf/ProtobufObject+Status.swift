extension ProtobufObject {
    func status() throws(ObjectFault) -> APIStatus {
        guard kind == APIStatus.kind else { throw .broken(APIStatus.missing) }
        var status = APIStatus(code: 0)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: status.continueToken = try ListMetadata(reader.message(field, "metadata")).continueToken
            case 3: status.message = try reader.text(field, "message")
            case 4: status.reason = try reader.text(field, "reason")
            case 5: try status.read(details: try reader.message(field, "details"))
            case 6: status.code = try reader.number(field, "code")
            default: try reader.skip(field)
            }
        }
        return status
    }
}

extension APIStatus {
    fileprivate mutating func read(details reader: consuming ProtobufReader) throws(ObjectFault) {
        while let field = try reader.next() {
            switch field.number {
            case 5: retryAfterSeconds = try reader.number(field, "details.retryAfterSeconds")
            default: try reader.skip(field)
            }
        }
    }
}

extension ListMetadata {
    init(_ reader: consuming ProtobufReader) throws(ObjectFault) {
        self.init()
        while let field = try reader.next() {
            switch field.number {
            case 2: version = ResourceVersion(try reader.text(field, "metadata.resourceVersion"))
            case 3: continueToken = try reader.text(field, "metadata.continue")
            default: try reader.skip(field)
            }
        }
    }
}
