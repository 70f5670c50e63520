import CCurl

/// The one owner of a libcurl multi handle: requests, and the connections they share.
final class CurlMulti {
    let poller: Poller
    private let pointer: UnsafeMutableRawPointer

    init(poller: Poller) throws(HTTPFailure) {
        guard let pointer = curl_multi_init() else { throw HTTPFailure(.cutShort, "out of memory for connections") }
        self.pointer = pointer
        self.poller = poller
        let context = Unmanaged.passUnretained(poller).toOpaque()
        check(ccurl_multi_set_socket_function(pointer, CurlMulti.watch, context))
        check(ccurl_multi_set_timer_function(pointer, CurlMulti.setTimer, context))
        check(ccurl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, Limits.idleConnectionsMax))
    }

    deinit { curl_multi_cleanup(pointer) }

    /// What libcurl wants to know of a socket.
    private static let watch: curl_socket_callback = { _, socket, wish, context, _ in
        guard let context else { return 0 }
        let poller = Unmanaged<Poller>.fromOpaque(context).takeUnretainedValue()
        switch wish {
        case CURL_POLL_REMOVE: poller.forget(socket)
        default: poller.watch(socket, reads: wish & CURL_POLL_IN != 0, writes: wish & CURL_POLL_OUT != 0)
        }
        return 0
    }

    private static let setTimer: curl_multi_timer_callback = { _, milliseconds, context in
        guard let context else { return 0 }
        let poller = Unmanaged<Poller>.fromOpaque(context).takeUnretainedValue()
        poller.setTimer(milliseconds: milliseconds < 0 ? nil : milliseconds)
        return 0
    }

    /// A request begins with the next run of the timer.
    func add(_ easy: CurlEasy) { check(curl_multi_add_handle(pointer, easy.pointer)) }

    func remove(_ easy: CurlEasy) { check(curl_multi_remove_handle(pointer, easy.pointer)) }

    /// Goes on with whatever waits for this socket. Calls back the requests.
    func run(_ socket: Int32, _ readiness: Poller.Readiness) {
        let bits =
            (readiness.reads ? CURL_CSELECT_IN : 0) | (readiness.writes ? CURL_CSELECT_OUT : 0)
            | (readiness.hasFailed ? CURL_CSELECT_ERR : 0)
        var running: Int32 = 0
        check(curl_multi_socket_action(pointer, socket, bits, &running))
    }

    /// Goes on with whatever waits for the time that it is. Calls back the requests.
    func runTimer() {
        var running: Int32 = 0
        check(curl_multi_socket_action(pointer, CURL_SOCKET_TIMEOUT, 0, &running))
    }

    /// The next request that has come to its end; nil if there is none.
    func nextFinished() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(pointer, &left) {
            if ccurl_is_done(message) != 0 { return (message.pointee.easy_handle, ccurl_result(message)) }
        }
        return nil
    }

    private func check(_ code: CURLMcode) {
        // A fault of ours traps; one of the system or of libcurl shows in the requests, which end or fall silent.
        switch code {
        case CURLM_BAD_HANDLE, CURLM_BAD_EASY_HANDLE, CURLM_ADDED_ALREADY, CURLM_RECURSIVE_API_CALL,
            CURLM_BAD_FUNCTION_ARGUMENT, CURLM_UNKNOWN_OPTION:
            preconditionFailure("libcurl: \(String(cString: curl_multi_strerror(code)))")
        default: break
        }
    }
}
