import AdminHTTP
import Dispatch
import Testing

@Suite("probe")
struct ProbeTests {
    @Test("tells the status of a path, at a wildcard address too", arguments: [":0", "127.0.0.1:0", "[::1]:0"])
    func status(text: String) throws {
        let mount = try AdminServer().mount("/health", on: ListenAddress(text)) { _ in HTTPResponse(text: "OK") }
        #expect(Probe.status(of: "/health", at: mount.address, withinMilliseconds: 60_000) == 200)
        #expect(Probe.status(of: "/ready", at: mount.address, withinMilliseconds: 60_000) == 404)
        mount.remove()
        #expect(Probe.status(of: "/health", at: mount.address, withinMilliseconds: 60_000) == nil)
    }

    @Test("gives up when no answer comes in time")
    func silence() throws {
        let release = DispatchSemaphore(value: 0)
        let mount = try AdminServer().mount("/slow", on: ListenAddress(host: "127.0.0.1", port: 0)) { _ in
            release.wait()
            return HTTPResponse(text: "late")
        }
        #expect(Probe.status(of: "/slow", at: mount.address, withinMilliseconds: 100) == nil)
        release.signal()
        mount.remove()
    }
}
