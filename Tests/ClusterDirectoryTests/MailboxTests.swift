import ClusterIndex
import Testing

@testable import ClusterDirectory

@Suite("Mailboxes and topics")
struct MailboxTests {
    @Test("a mailbox keeps the newest value only, and none that was taken already")
    func newest() async {
        let mailbox = Mailbox<Int>()
        mailbox.put(1)
        mailbox.put(2)
        #expect(await mailbox.next() == 2)
        mailbox.put(3)
        // Back again: nothing has happened.
        mailbox.put(2)
        mailbox.put(2)
        let taker = Task { await mailbox.next() }
        mailbox.put(4)
        #expect(await taker.value == 4)
        mailbox.put(5)
        mailbox.end()
        #expect(await mailbox.next() == nil)
        mailbox.put(6)
        #expect(await mailbox.next() == nil)
    }

    @Test("a task that waits when another comes is sent away, not forgotten")
    func twoTakers() async {
        let mailbox = Mailbox<Int>()
        let takers = [Task { await mailbox.next() }, Task { await mailbox.next() }]
        var answers: [Int?] = []
        // Whoever came first has nil by now, or will have as soon as the other comes.
        await withTaskGroup(of: Int?.self) { group in
            for taker in takers { group.addTask { await taker.value } }
            answers.append(await group.next() ?? nil)
            mailbox.put(7)
            answers.append(await group.next() ?? nil)
        }
        #expect(answers == [nil, 7])
    }

    @Test("a cancelled task gets nothing, whenever that happens")
    func cancelled() async {
        for _ in 0..<200 {
            let mailbox = Mailbox<Int>()
            let taker = Task { await mailbox.next() }
            if Bool.random() { await Task.yield() }
            taker.cancel()
            #expect(await taker.value == nil)
            mailbox.put(1)
            #expect(await mailbox.next() == nil)
        }
    }

    @Test("topics are forgotten with their last subscriber, and only touched services are looked at")
    func topics() async {
        var index = ClusterIndex()
        index.upsert(.namespace(Namespace(name: "shop")))
        var topics = EndpointTopics()
        let (web, db) = (EndpointTopic(ObjectKey(namespace: "shop", name: "Web"), .first), Mailbox<EndpointNews>())
        topics.add(db, 1, to: web, in: index)
        topics.add(Mailbox(), 2, to: web, in: index)
        #expect(await db.next()?.set == EndpointSet(serviceExists: false))
        index.upsert(.service(Service(key: web.service, clusterIPs: ["10.96.0.1"])))
        topics.touch(ObjectKey(namespace: "shop", name: "other"))
        topics.touch(namespace: "elsewhere")
        topics.tell(index)
        topics.touch(ObjectKey(namespace: "SHOP", name: "web"))
        topics.tell(index)
        #expect(await db.next()?.set == EndpointSet(serviceExists: true))
        topics.remove(1, from: web)
        #expect(!topics.isEmpty)
        topics.remove(2, from: web)
        topics.remove(2, from: web)
        #expect(topics.isEmpty)
    }
}
