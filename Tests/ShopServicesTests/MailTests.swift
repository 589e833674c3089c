import Foundation
import Testing

@testable import ShopServices

@Suite struct MailTests {
    private func mail(subject: String = "Your order", body: String = "one\ntwo") -> Mail {
        Mail(
            id: "0190-abc", sender: "shop@example.com", recipient: "ada@example.com", subject: subject, body: body,
            date: Date(timeIntervalSince1970: 0))
    }

    @Test func hasCRLFLinesAndAStableMessageID() {
        let text = mail().text
        #expect(text.contains("Message-ID: <0190-abc@example.com>\r\n"))
        #expect(text.contains("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"))
        #expect(text.hasSuffix("\r\n\r\none\r\ntwo\r\n"))
        #expect(text.replacing("\r\n", with: "").contains("\n") == false)
    }

    @Test func aSubjectCannotEndItsHeader() {
        let text = mail(subject: "x\r\nBcc: eve@example.com").text
        #expect(!text.contains("Bcc:"))
    }

    @Test func aLongSubjectBeyondASCIIIsCutIntoEncodedWords() {
        let encoded = Mail.encoded(String(repeating: "Grüße ", count: 20))
        for word in encoded.components(separatedBy: "\r\n ") {
            #expect(word.utf8.count <= 75 && word.hasPrefix("=?utf-8?B?") && word.hasSuffix("?="))
        }
    }

    @Test func theFolderTransportReplacesAMailSentTwice() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let transport = try FolderMailTransport(folder: folder)
        try transport.send(mail())
        try transport.send(mail())
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["0190-abc.eml"])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(path: "0190-abc.eml").path())
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func anIDCannotLeaveTheFolder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        var mail = mail()
        mail.id = "../../etc/x"
        try FolderMailTransport(folder: folder).send(mail)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["______etc_x.eml"])
    }

    @Test func amountsHaveTwoDecimals() {
        #expect(OrderMail.amount(1205) == "12.05" && OrderMail.amount(7) == "0.07" && OrderMail.amount(600_000) == "6000.00")
    }
}
