import CRabbitMQ

/// How deep tables and arrays may nest. The broker passes on what any client has sent, and each level costs stack.
private let maximumDepth = 32

extension AMQPValue {
    init(_ field: amqp_field_value_t, depth: Int = 0) {
        let value = field.value
        switch Self.kind(field) {
        case AMQP_FIELD_KIND_BOOLEAN: self = .bool(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .int(Int64(value.i8))
        case AMQP_FIELD_KIND_U8: self = .int(Int64(value.u8))
        case AMQP_FIELD_KIND_I16: self = .int(Int64(value.i16))
        case AMQP_FIELD_KIND_U16: self = .int(Int64(value.u16))
        case AMQP_FIELD_KIND_I32: self = .int(Int64(value.i32))
        case AMQP_FIELD_KIND_U32: self = .int(Int64(value.u32))
        case AMQP_FIELD_KIND_I64: self = .int(value.i64)
        case AMQP_FIELD_KIND_U64: self = .int(Int64(clamping: value.u64))
        case AMQP_FIELD_KIND_F32: self = .double(Double(value.f32))
        case AMQP_FIELD_KIND_F64: self = .double(value.f64)
        case AMQP_FIELD_KIND_DECIMAL:
            var divisor = 1.0
            for _ in 0..<value.decimal.decimals { divisor *= 10 }
            self = .double(Double(value.decimal.value) / divisor)
        case AMQP_FIELD_KIND_UTF8:
            let bytes = UnsafeRawBufferPointer(start: value.bytes.bytes, count: value.bytes.len)
            // The type byte says "long string", which some clients use for anything.
            self = String(validating: bytes, as: UTF8.self).map(AMQPValue.string) ?? .bytes([UInt8](bytes))
        case AMQP_FIELD_KIND_BYTES: self = .bytes([UInt8](value.bytes))
        case AMQP_FIELD_KIND_TIMESTAMP: self = .timestamp(Int64(clamping: value.u64))
        case AMQP_FIELD_KIND_ARRAY where depth < maximumDepth:
            let entries = UnsafeBufferPointer(start: value.array.entries, count: Int(value.array.num_entries))
            self = .array(entries.map { AMQPValue($0, depth: depth + 1) })
        case AMQP_FIELD_KIND_TABLE where depth < maximumDepth: self = .table(Self.table(value.table, depth: depth + 1))
        default: self = .null
        }
    }

    static func table(_ table: amqp_table_t, depth: Int = 0) -> [String: AMQPValue] {
        var result: [String: AMQPValue] = [:]
        for entry in UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries)) {
            result[String(entry.key)] = AMQPValue(entry.value, depth: depth)
        }
        return result
    }

    private static func kind(_ field: amqp_field_value_t) -> amqp_field_value_kind_t {
        amqp_field_value_kind_t(rawValue: UInt32(field.kind))
    }
}

extension EncodingArena {
    mutating func table(_ table: [String: AMQPValue], depth: Int = 0) throws(AMQPError) -> amqp_table_t {
        guard !table.isEmpty else { return amqp_table_t(num_entries: 0, entries: nil) }
        guard let entries = allocate(amqp_table_entry_t.self, count: table.count) else { throw Self.noMemory }
        for (index, (key, value)) in table.enumerated() {
            entries[index].key = try short(key, "name of a header")
            entries[index].value = try field(value, depth: depth)
        }
        return amqp_table_t(num_entries: Int32(table.count), entries: entries)
    }

    private mutating func field(_ value: AMQPValue, depth: Int) throws(AMQPError) -> amqp_field_value_t {
        guard depth < maximumDepth else { throw AMQPError(.invalidArgument, "a header nests more than \(maximumDepth) levels") }
        var field = amqp_field_value_t()
        func set(_ kind: amqp_field_value_kind_t) { field.kind = UInt8(truncatingIfNeeded: kind.rawValue) }
        switch value {
        case .null: set(AMQP_FIELD_KIND_VOID)
        case .bool(let bool):
            set(AMQP_FIELD_KIND_BOOLEAN)
            field.value.boolean = bool ? 1 : 0
        case .int(let int):
            set(AMQP_FIELD_KIND_I64)
            field.value.i64 = int
        case .double(let double):
            set(AMQP_FIELD_KIND_F64)
            field.value.f64 = double
        case .string(let string):
            set(AMQP_FIELD_KIND_UTF8)
            field.value.bytes = try bytes(string.utf8)
        case .bytes(let array):
            set(AMQP_FIELD_KIND_BYTES)
            field.value.bytes = try bytes(array)
        case .timestamp(let seconds):
            set(AMQP_FIELD_KIND_TIMESTAMP)
            field.value.u64 = UInt64(clamping: seconds)
        case .array(let values):
            set(AMQP_FIELD_KIND_ARRAY)
            guard let entries = allocate(amqp_field_value_t.self, count: values.count) else { throw Self.noMemory }
            for (index, value) in values.enumerated() { entries[index] = try self.field(value, depth: depth + 1) }
            field.value.array = amqp_array_t(num_entries: Int32(values.count), entries: entries)
        case .table(let values):
            set(AMQP_FIELD_KIND_TABLE)
            field.value.table = try table(values, depth: depth + 1)
        }
        return field
    }
}
