import Locking

/// Objects that several blocks use together, such as the HTTP listener of two `prometheus :9153`: made once, by name.
public final class SharedObjects: Sendable {
    private let objects = Lock<[String: any AnyObject & Sendable]>([:])

    /// No objects yet.
    public init() {}

    /// The object of this name, made by `make` if it is the first to be asked for.
    public func object<Object: AnyObject & Sendable>(_ name: String, _ make: () -> Object) -> Object {
        let key = "\(Object.self) \(name)"
        return objects.withLock { objects in
            if let found = objects[key] as? Object { return found }
            let made = make()
            objects[key] = made
            return made
        }
    }
}
