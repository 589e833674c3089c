import Yams

extension Secret {
    /// - Parameter environment: the variables that the service is given otherwise.
    static func named(_ field: Field, beside environment: [String]) -> [String: Secret] {
        var secrets: [String: Secret] = [:]
        for (name, key, value) in field.entries(expected: "a map of variables, such as STRIPE_KEY: { file: secrets/stripe }") {
            field.log.checkVariable(name, at: value.path, key)
            if environment.contains(name) {
                field.log.report(
                    "\(value.path): \(name) stands in this service's environment as well; keep it in one of them", at: Field.place(key))
            }
            secrets[name] = Secret(from: value)
        }
        return secrets
    }

    /// systemd.exec(5): a credential's name is that of a file.
    private static let longestCredential = 255

    private init?(from field: Field) {
        if field.isScalar {
            // What was found may be the secret itself: it is not repeated.
            field.report(
                "found text, expected where the value is read: { file: … } or { credential: … }; a secret must not stand in this file")
            return nil
        }
        let reader = ObjectReader(field, SecretKey.self)
        let file = reader[.file]?.nonemptyString(expected: "the name of a file")
        let credential = reader[.credential]?.credentialName(atMost: Self.longestCredential)
        if reader.has(.file) == reader.has(.credential), field.isMap || field.isNull {
            field.report(
                reader.has(.file)
                    ? "both file and credential are given; keep one of them"
                    : "found neither file nor credential; write { file: secrets/… }")
        }
        guard let secret = file.map(Secret.file) ?? credential.map(Secret.credential) else { return nil }
        self = secret
    }
}

extension Field {
    fileprivate func credentialName(atMost longest: Int) -> String? {
        let expected = "the name of a systemd credential, without \"/\", at most \(longest) long"
        guard let name = nonemptyString(expected: expected) else { return nil }
        guard !name.contains("/"), name != ".", name != "..", name.utf8.count <= longest else {
            reportFound(expected: expected)
            return nil
        }
        return name
    }

    func fileModeMask() -> Int? {
        let expected = "three octal digits in quotes, such as \"027\""
        guard let text = string(expected: expected) else { return nil }
        guard let mask = FileModeMask.read(text) else {
            reportFound(expected: expected)
            return nil
        }
        return mask
    }
}

extension MistakeLog {
    /// Reports of a name that no variable can have, or that Signalbox itself gives one.
    func checkVariable(_ name: String, at path: FieldPath, _ key: Node) {
        if !TopologyNames.isVariableName(name) {
            report("\(path): found \"\(name)\", expected a variable's name: letters, digits and \"_\"", at: Field.place(key))
        } else if TopologyNames.reservedVariables.contains(name) {
            report("\(path): Signalbox itself hands \(name) to the service; choose another name", at: Field.place(key))
        }
    }
}
