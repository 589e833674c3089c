/// Where the value of a secret environment variable is read when a process starts. A newline at its end is no part of it.
package enum Secret: Sendable, Hashable {
    /// Relative to the topology file's folder. Refused where others may read it.
    case file(String)
    /// In $CREDENTIALS_DIRECTORY, as systemd's LoadCredential= puts it there.
    case credential(String)
}
