import YAML

/// `exec`: a program that says who we are.
extension KubeconfigReader {
    mutating func execPlugin(of user: Field, _ whose: String, _ cluster: String) -> ExecPlugin? {
        guard let exec = mapping(user, "exec") else { return nil }
        let command = text(exec, "command")
        if command.isEmpty { fail(exec, "exec of \(whose) has no command") }
        var plugin = ExecPlugin(command: command.contains("/") ? resolved(command) : command)
        plugin.arguments = texts(exec, "args")
        plugin.environment = environment(exec, whose)
        plugin.apiVersion = version(exec, whose)
        plugin.installHint = text(exec, "installHint")
        if flag(exec, "provideClusterInfo") { plugin.clusterInfo = cluster }
        if let mode = member(exec, "interactiveMode") { check(mode, whose) }
        return plugin
    }

    private mutating func texts(_ owner: Field, _ key: StaticString) -> [String] {
        var texts: [String] = []
        for element in elements(owner, key) { texts.append(text(of: element)) }
        return texts
    }

    private mutating func environment(_ exec: Field, _ whose: String) -> [String: String] {
        var environment: [String: String] = [:]
        for variable in elements(exec, "env") {
            guard variable.isMapping else {
                fail(variable, "\(variable.path) must be a mapping")
                continue
            }
            let name = text(variable, "name")
            guard !name.isEmpty, !name.contains("=") else {
                fail(variable, "a variable in env of exec of \(whose) has no proper name")
                continue
            }
            environment[name] = text(variable, "value")
        }
        return environment
    }

    private mutating func version(_ exec: Field, _ whose: String) -> String {
        let group = "client.authentication.k8s.io/"
        let version = text(exec, "apiVersion")
        guard version != group + "v1", version != group + "v1beta1" else { return version }
        let fault = version.isEmpty ? "has no apiVersion" : "has the apiVersion \(version.inQuotes)"
        fail(exec, "exec of \(whose) \(fault); it must be \(group)v1 or \(group)v1beta1")
        return version
    }

    private mutating func check(_ mode: Field, _ whose: String) {
        switch text(of: mode) {
        case "", "Never", "IfAvailable": break
        case "Always": fail(mode, "exec of \(whose) must be run by somebody whom it can ask, and nobody is there")
        case let other:
            fail(mode, "interactiveMode \(other.inQuotes) of exec of \(whose) must be Never, IfAvailable or Always")
        }
    }
}
