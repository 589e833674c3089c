extension Server {
    init(broker field: Field) {
        let reader = ObjectReader(field, BrokerKey.self)
        self.init(
            field, managed: reader[.managed], url: reader[.url], passwordFile: reader[.passwordFile],
            passwordVariable: reader[.passwordVariable], managementURL: reader[.managementURL], schemes: ["amqp"])
    }

    init(from field: Field, schemes: [String]) {
        let reader = ObjectReader(field, ServerKey.self)
        self.init(
            field, managed: reader[.managed], url: reader[.url], passwordFile: reader[.passwordFile],
            passwordVariable: reader[.passwordVariable], managementURL: nil, schemes: schemes)
    }

    private init(
        _ field: Field, managed: Field?, url: Field?, passwordFile: Field?, passwordVariable: Field?, managementURL: Field?,
        schemes: [String]
    ) {
        let isManaged = managed?.boolean()
        let address = url?.serverURL(schemes: schemes)
        let file = passwordFile?.nonemptyString(expected: "the name of a file")
        let variable = passwordVariable?.variableName()
        let management = managementURL?.serverURL(schemes: ["http"])
        if file != nil, variable != nil {
            field.report("both password_file and password_variable are given; keep one of them")
        }
        if isManaged == true {
            for (name, other) in [
                ("url", url), ("password_file", passwordFile), ("password_variable", passwordVariable), ("management_url", managementURL),
            ] {
                other?.report("\(name) is for a server that is already there, but this one is managed; remove it, or \"managed: true\"")
            }
        } else if url == nil, managed == nil || isManaged == false, field.isMap || field.isNull {
            field.report(
                "found neither \"managed: true\" nor a url; write {managed: true} for a private server, or {url: \(schemes[0])://user@host/…}"
            )
        }
        guard let address, isManaged != true else {
            self = .managed
            return
        }
        self = .external(ExternalServer(url: address, passwordFile: file, passwordVariable: variable, managementURL: management))
    }
}

extension AdminEndpoint {
    init(from field: Field) {
        let reader = ObjectReader(field, AdminKey.self)
        self.init()
        guard let address = reader[.listen].flatMap({ ListenAddress(from: $0) }) else { return }
        if !address.isLoopback {
            reader[.listen]?.report(
                "\(address) can be reached from other hosts, and the admin endpoint has no TLS; listen on 127.0.0.1, [::1] or unix:…")
        }
        listen = address
    }
}

extension Field {
    fileprivate func variableName() -> String? {
        let expected = "the name of an environment variable"
        guard let name = nonemptyString(expected: expected) else { return nil }
        guard TopologyNames.isVariableName(name) else {
            reportFound(expected: expected)
            return nil
        }
        return name
    }

    /// An address of a server without a password in it.
    fileprivate func serverURL(schemes: [String]) -> String? {
        let expected = "an address such as \(schemes[0])://\(schemes[0] == "http" ? "" : "user@")host:port"
        guard let text = nonemptyString(expected: expected) else { return nil }
        guard let url = ServerURL(text), schemes.contains(url.scheme) else {
            // What was found may hold a password: it is not repeated.
            let scheme = ServerURL(text)?.scheme
            report(
                scheme == "amqps" || scheme == "rediss" || scheme == "https"
                    ? "\(scheme ?? "") is not supported; expected \(expected), over loopback or a private network"
                    : "found no such address, expected \(expected)")
            return nil
        }
        if url.hasPassword {
            report(
                "the address holds a password, which must not stand in this file; take it out and give password_file or password_variable")
            return nil
        }
        return text
    }
}
