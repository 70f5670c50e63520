/// Bounds of the index; each stands for what it protects.
public enum Limits {
    /// Links of an ExternalName chain that one answer follows.
    public static var aliasChainMax: Int { 10 }
    /// Services and slices remembered for one address; further ones are not told by PTR.
    public static var entriesPerAddressMax: Int { 4096 }
    /// Ports read from one Service, ServiceImport or slice; the API allows 100 in a slice.
    public static var portsMax: Int { 1000 }
    /// Addresses read from one slice; the API allows 1,000 endpoints, of which all consumers read one address.
    public static var rowsPerSliceMax: Int { 10_000 }
    /// Addresses read from one Service; the API allows two.
    public static var clusterIPsMax: Int { 64 }
    /// External addresses and host names read from one Service.
    public static var externalsMax: Int { 256 }
    /// Addresses told behind the apex NS records.
    public static var nameServersMax: Int { 64 }
}
