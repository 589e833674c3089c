internal import CLinux
import Glibc

/// Where the lines of one process go: its file, the journal, or both.
final class LogWriter {
    private let file: LogFile?
    private let journal: JournalSource?
    private let files: LogFiles
    private var fileLoss = LogLoss()

    init(file: LogFile?, journal: JournalSource?, files: LogFiles) {
        self.file = file
        self.journal = journal
        self.files = files
    }

    /// What this process printed and was lost on one of the ways.
    var loss: LogLoss {
        var loss = fileLoss
        if let journal { loss.add(journal.loss) }
        return loss
    }

    func write(_ lines: StampedLines) {
        if let file {
            let lost = file.write(lines)
            if !lost.isEmpty { files.remember(file) }
            fileLoss.add(lost)
        }
        journal?.write(lines)
    }
}
