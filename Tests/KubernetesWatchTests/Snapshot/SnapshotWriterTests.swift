import ClusterIndex
import Dispatch
import Glibc
import KubernetesWatch
import Locking
import TestSupport
import Testing

@Suite("The writer of a snapshot")
struct SnapshotWriterTests {
    private let folder = TemporaryFolder()
    private let queue = DispatchQueue(label: "test")
    private let told = Lock<[SnapshotWriter.Report]>([])
    private let current = Lock(ClusterIndex())

    private var file: SnapshotFile { SnapshotFile(folder.path + "/sub/cluster.snapshot") }

    private func makeFolder() { mkdir(folder.path + "/sub", 0o700) }

    private func makeWriter(interval: Duration) -> SnapshotWriter {
        SnapshotWriter(
            file, fingerprint: "f", interval: interval, queue: queue, index: { [current] in current.withLock { $0 } },
            report: { [told] report in told.withLock { $0.append(report) } })
    }

    /// Shows the writer an index with this serial.
    private func change(_ writer: SnapshotWriter, to serial: UInt32) {
        queue.sync {
            current.withLock { $0.serial = serial }
            writer.changed()
        }
    }

    private var serial: UInt32? { try? file.read(fingerprint: "f") { _ in }.serial }

    @Test("writes a change at once, the next ones later, and the last at the end")
    func changes() async throws {
        makeFolder()
        let writer = makeWriter(interval: .seconds(3600))
        change(writer, to: 1)
        #expect(await eventually { serial == 1 })
        for serial in 2...50 { change(writer, to: UInt32(serial)) }
        #expect(serial == 1)
        queue.sync { writer.stop() }
        #expect(serial == 50)
        change(writer, to: 51)
        queue.sync { writer.stop() }
        #expect(serial == 50)
        #expect(told.withLock { $0 }.isEmpty)
    }

    @Test("writes again when its time has come, and no more after the end")
    func again() async throws {
        makeFolder()
        let writer = makeWriter(interval: .milliseconds(1))
        for serial in UInt32(1)...20 {
            change(writer, to: serial)
            #expect(await eventually { self.serial == serial })
        }
        // What is under way has ended when `stop` returns.
        queue.sync { writer.stop() }
        unlink(file.path)
        change(writer, to: 21)
        queue.sync { writer.stop() }
        #expect(serial == nil)
    }

    @Test("tells a failure once, tries again, and tells that it works again")
    func failures() async throws {
        let writer = makeWriter(interval: .milliseconds(1))
        let failure = SnapshotWriter.Report.failed(SnapshotError(path: file.path, cause: .system(.write, code: ENOENT)))
        for serial in UInt32(1)...5 { change(writer, to: serial) }
        #expect(await eventually { told.withLock { $0 } == [failure] })
        makeFolder()
        #expect(await eventually { serial == 5 })
        #expect(await eventually { told.withLock { $0 } == [failure, .recovered] })
        queue.sync { writer.stop() }
        #expect(told.withLock { $0.count } == 2)
    }

    @Test("tells at the end that the last change is lost")
    func failureAtTheEnd() {
        let writer = makeWriter(interval: .seconds(3600))
        queue.sync {
            writer.changed()
            writer.stop()
        }
        #expect(told.withLock { $0.count } == 1)
    }
}
