/// By which of its two streams a line came.
enum StreamTag: String {
    case out, err
}
