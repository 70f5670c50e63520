import ClusterIndex
import KubernetesWatch

/// A list of one resource in one form.
struct ListWriter {
    let resource: WatchedResource
    let form: WireForm
    let version: UInt64
    /// Empty on the last page.
    var continueToken = ""
    /// How many objects follow on later pages.
    var remaining = 0

    func bytes(_ items: [StoredObject]) -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        switch form {
        case .protobuf: return resource.listEnvelope.around(protobuf(items))
        case .reversedJSON: reversed(items, &writer)
        case .json where resource.isCustom: sorted(items, &writer)
        case .json: usual(items, &writer)
        }
        writer.append("\n")
        return writer.bytes
    }

    private func protobuf(_ items: [StoredObject]) -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        writer.message(1) { writer in
            writer.field(1, "")
            writer.field(2, "\(version)")
            writer.field(3, continueToken)
            if remaining > 0 { writer.field(4, Int64(remaining)) }
        }
        for index in items.indices {
            let item = items[index].bytes(form)
            writer.fieldHeader(2, length: item.count)
            writer.append(item)
        }
        return writer.bytes
    }

    private func usual(_ items: [StoredObject], _ writer: inout ByteWriter) {
        writer.object { writer in
            writer.member("kind", "\(resource.kind.rawValue)List")
            writer.member("apiVersion", resource.apiVersion)
            metadata(&writer)
            array(items, &writer)
        }
    }

    /// As custom resources are listed: the items come before the version.
    private func sorted(_ items: [StoredObject], _ writer: inout ByteWriter) {
        writer.object { writer in
            writer.member("apiVersion", resource.apiVersion)
            array(items, &writer)
            writer.member("kind", "\(resource.kind.rawValue)List")
            metadata(&writer)
        }
    }

    private func reversed(_ items: [StoredObject], _ writer: inout ByteWriter) {
        writer.object { writer in
            array(items, &writer)
            metadata(&writer)
            writer.member("apiVersion", resource.apiVersion)
            writer.member("kind", "\(resource.kind.rawValue)List")
        }
    }

    private func metadata(_ writer: inout ByteWriter) {
        writer.object("metadata") { writer in
            if resource.isCustom { writer.member("continue", continueToken) }
            writer.member("resourceVersion", "\(version)")
            if !resource.isCustom { writer.member("continue", unlessEmpty: continueToken) }
            if remaining > 0 { writer.member("remainingItemCount", UInt64(remaining)) }
        }
    }

    private func array(_ items: [StoredObject], _ writer: inout ByteWriter) {
        writer.array("items") { writer in
            for index in items.indices {
                if index > 0 { writer.append(UInt8(ascii: ",")) }
                writer.append(items[index].bytes(form))
            }
        }
    }
}
