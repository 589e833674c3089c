internal import CLinux
import Glibc

/// Whom a process runs as.
package struct UserIdentity: Equatable {
    package var user: UInt32
    package var group: UInt32
    /// Supplementary ones.
    package var groups: [UInt32]

    private static let maximumGroups: Int32 = 65536
    private static let bufferSize = 64 << 10

    /// - Parameters:
    ///   - user: a name or a number.
    ///   - group: a name or a number; nil is the user's own group.
    /// - Returns: nil when nothing is to be changed: none was named, or it is our own already.
    /// - Throws: `.unknownUser`, or `.invalidSpecification` when we may not take it on.
    package static func find(user: String?, group: String?) throws(KeeperError) -> UserIdentity? {
        guard user != nil || group != nil else { return nil }
        let account = try user.map { name throws(KeeperError) in try self.account(name) }
        let namedGroup = try group.map { name throws(KeeperError) in try number(ofGroup: name) }
        let userID = account?.user ?? geteuid()
        let groupID = namedGroup ?? account?.group ?? getegid()
        guard geteuid() == 0 else {
            if userID == geteuid() && groupID == getegid() { return nil }
            throw KeeperError(
                .invalidSpecification,
                "user \(user ?? "-") and group \(group ?? "-") cannot be taken on: signalbox does not run as root. Leave them out, or run it as root"
            )
        }
        guard let account else { return UserIdentity(user: userID, group: groupID, groups: [groupID]) }
        return UserIdentity(user: userID, group: groupID, groups: supplementaryGroups(of: account.name, with: groupID))
    }

    private struct Account {
        var name: String
        var user: uid_t
        var group: gid_t
    }

    private static func account(_ name: String) throws(KeeperError) -> Account {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: bufferSize)
        if let number = uid_t(name) {
            getpwuid_r(number, &entry, &buffer, bufferSize, &found)
        } else {
            getpwnam_r(name, &entry, &buffer, bufferSize, &found)
        }
        guard let found else { throw KeeperError(.unknownUser, "there is no user \"\(name)\" on this machine: create it, or name another") }
        return Account(name: String(cString: found.pointee.pw_name), user: found.pointee.pw_uid, group: found.pointee.pw_gid)
    }

    private static func number(ofGroup name: String) throws(KeeperError) -> gid_t {
        if let number = gid_t(name) { return number }
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: bufferSize)
        getgrnam_r(name, &entry, &buffer, bufferSize, &found)
        guard let found else {
            throw KeeperError(.unknownUser, "there is no group \"\(name)\" on this machine: create it, or name another")
        }
        return found.pointee.gr_gid
    }

    private static func supplementaryGroups(of name: String, with group: gid_t) -> [gid_t] {
        var count: Int32 = 64
        while true {
            var groups = [gid_t](repeating: 0, count: Int(count))
            let capacity = count
            if getgrouplist(name, group, &groups, &count) >= 0 { return Array(groups.prefix(Int(count))) }
            count = max(count, capacity * 2)
            if count > maximumGroups { return [group] }
        }
    }
}
