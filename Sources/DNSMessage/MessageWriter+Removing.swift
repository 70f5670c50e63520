extension MessageWriter {
    /// Takes back every record of the sections behind this one.
    public mutating func removeRecords(behind last: Section) {
        let kept = records(in: last).upperBound
        section = min(section, last)
        // What was cut there is not missed any more.
        if let cut = cutSection, cut > last { cutSection = nil }
        guard kept < recordCount else { return }
        count = start(ofRecord: kept)
        recordCount = kept
        (additionalCount, saved.additional) = (0, 0)
        if last == .answer { (authorityCount, saved.authority) = (0, 0) }
        // The names of the removed records are no longer there to point to.
        names.clear()
        questionIsInTable = false
    }
}
