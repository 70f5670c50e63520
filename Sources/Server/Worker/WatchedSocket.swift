import CLinux
import Dispatch

/// A socket with its Dispatch sources; closed once these have let go of it.
final class WatchedSocket: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: after `init` everything happens on the worker's queue.
    let descriptor: Int32
    let handler: any SocketHandler
    private(set) var isCancelled = false
    private(set) var isReading = true
    private let readSource: any DispatchSourceRead
    private var writeSource: (any DispatchSourceWrite)?
    private let queue: DispatchQueue
    /// Entered for each descriptor that is open, left when it is closed.
    private let openSockets: DispatchGroup
    /// Sources on the descriptor; it is closed when the last one's cancel handler has run.
    private var sourceCount = 1

    init(_ descriptor: Int32, _ handler: any SocketHandler, _ queue: DispatchQueue, _ openSockets: DispatchGroup) {
        self.descriptor = descriptor
        self.handler = handler
        self.queue = queue
        self.openSockets = openSockets
        openSockets.enter()
        readSource = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        readSource.setCancelHandler { self.release() }
    }

    /// Calls back whenever there is something to read.
    func whenReadable(_ body: @escaping () -> Void) {
        readSource.setEventHandler { [unowned self] in
            if !isCancelled { body() }
        }
        readSource.activate()
    }

    /// Calls back, once, when the peer has taken some of what was written.
    func whenWritable(_ body: @escaping () -> Void) {
        guard writeSource == nil, !isCancelled else { return }
        let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        writeSource = source
        sourceCount += 1
        source.setCancelHandler { self.release() }
        source.setEventHandler { [unowned self] in
            stopWriteSource()
            if !isCancelled { body() }
        }
        source.activate()
    }

    func setReading(_ isReading: Bool) {
        guard self.isReading != isReading else { return }
        self.isReading = isReading
        isReading ? readSource.resume() : readSource.suspend()
    }

    /// Lets go; nothing is called back any more.
    func cancel() {
        // A suspended source would never run its cancel handler.
        setReading(true)
        isCancelled = true
        stopWriteSource()
        readSource.cancel()
    }

    private func stopWriteSource() {
        writeSource?.cancel()
        writeSource = nil
    }

    private func release() {
        sourceCount -= 1
        guard sourceCount == 0 else { return }
        close(descriptor)
        openSockets.leave()
    }
}
