import DNSMessage
import PluginKit
import TestSupport

extension Response {
    /// Writes records as text, section by section.
    mutating func write(_ sections: (Section, [String])...) {
        for (section, records) in sections {
            writer.move(to: section)
            for record in records { writer.add(RecordText.record(record)) }
        }
    }
}
