@main
enum ClusterDNS {
    static func main() {}
}
