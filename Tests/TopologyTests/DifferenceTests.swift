import Testing

@testable import Topology

struct DifferenceTests {
    private let old: Topology
    init() throws { old = try Topology.parse(wholeFile, file: "t") }

    private func difference(_ edit: (inout Topology) -> Void) -> TopologyDifference {
        var new = old
        edit(&new)
        return new.difference(from: old)
    }

    private func change(ofOrder edit: (inout Service) -> Void) -> ServiceChange? {
        difference { edit(&$0.services[1]) }.change(of: "order")
    }

    @Test func theSameIsEmpty() {
        let difference = old.difference(from: old)
        #expect(difference.isEmpty)
        #expect(difference.services.allSatisfy { $0.action == .none && $0.reasons.isEmpty })
    }

    @Test func whatTheSupervisorGoesByChangesInPlace() {
        #expect(change(ofOrder: { $0.instances = 3 }) == ServiceChange(name: "order", action: .inPlace, reasons: ["instances"]))
        #expect(change(ofOrder: { $0.scale = nil })?.reasons == ["scale"])
        #expect(change(ofOrder: { $0.readiness?.period = .seconds(9) })?.action == .inPlace)
        #expect(change(ofOrder: { $0.liveness = nil })?.reasons == ["liveness"])
        #expect(change(ofOrder: { $0.startup = nil })?.reasons == ["startup"])
        #expect(change(ofOrder: { $0.restart.policy = .never })?.reasons == ["restart"])
        #expect(change(ofOrder: { $0.stop.grace = .seconds(1) })?.reasons == ["stop"])
        #expect(change(ofOrder: { $0.dependsOn.append(Dependency(name: "payment")) })?.action == .inPlace)
    }

    @Test func whatAProcessIsHandedIsRolledOut() {
        #expect(change(ofOrder: { $0.command.append("-x") }) == ServiceChange(name: "order", action: .rolling, reasons: ["command"]))
        #expect(change(ofOrder: { $0.environment["LOG_LEVEL"] = "debug" })?.reasons == ["environment"])
        #expect(change(ofOrder: { $0.workingDirectory = nil })?.reasons == ["working_directory"])
        #expect(change(ofOrder: { $0.limits.cpu = 1 })?.action == .rolling)
        #expect(change(ofOrder: { $0.user = nil })?.reasons == ["user"])
        #expect(change(ofOrder: { $0.group = nil })?.reasons == ["group"])
        #expect(change(ofOrder: { $0.listen = [.unix(path: "x")] })?.reasons == ["listen"])
        #expect(change(ofOrder: { $0.dependsOn.append(Dependency(name: "cache")) })?.action == .rolling)
        #expect(
            change(ofOrder: {
                $0.instances = 1
                $0.command = ["x"]
            }) == ServiceChange(name: "order", action: .rolling, reasons: ["command", "instances"]))
    }

    @Test func theNewKeysOfAProcess() {
        #expect(change(ofOrder: { $0.umask = nil }) == ServiceChange(name: "order", action: .rolling, reasons: ["umask"]))
        #expect(change(ofOrder: { $0.watchdog = .seconds(9) })?.reasons == ["watchdog"])
        #expect(change(ofOrder: { $0.secrets["SMTP_URL"] = .file("smtp-url") })?.reasons == ["secrets"])
        #expect(change(ofOrder: { $0.logs = nil }) == ServiceChange(name: "order", action: .rolling, reasons: ["logs"]))
        #expect(change(ofOrder: { $0.update.overlap = true }) == ServiceChange(name: "order", action: .inPlace, reasons: ["update"]))
        #expect(change(ofOrder: { $0.passedEnvironment = ["EMPTY"] })?.reasons == ["environment"])
    }

    @Test func logsOfTheFileReachWhoHasNoneOfItsOwn() {
        let difference = difference { $0.logs.keep = 1 }
        #expect(difference.change(of: "payment") == ServiceChange(name: "payment", action: .rolling, reasons: ["logs"]))
        #expect(difference.change(of: "order")?.action == ServiceChange.Action.none)
    }

    @Test func whatIsMeantToEndIsNotRolled() throws {
        let other = Schedule(cron: try CronExpression("@daily"))
        func change(_ name: String, _ edit: (inout Service) -> Void) -> ServiceChange? {
            difference { topology in
                for index in topology.services.indices where topology.services[index].name == name { edit(&topology.services[index]) }
            }.change(of: name)
        }
        #expect(change("migrate") { $0.command = ["x"] } == ServiceChange(name: "migrate", action: .recreate, reasons: ["command"]))
        #expect(change("migrate") { $0.restart.policy = .never }?.action == .inPlace)
        #expect(change("report") { $0.command = ["x"] } == ServiceChange(name: "report", action: .inPlace, reasons: ["command"]))
        #expect(
            change("report") { $0.lifetime = .scheduled(other) } == ServiceChange(name: "report", action: .inPlace, reasons: ["schedule"]))
        #expect(change("migrate") { $0.lifetime = .continuous } == ServiceChange(name: "migrate", action: .recreate, reasons: ["type"]))
        #expect(
            change("files") { $0.lifetime = .scheduled(other) } == ServiceChange(name: "files", action: .recreate, reasons: ["schedule"]))
        #expect(change("report") { $0.lifetime = .once }?.reasons == ["type", "schedule"])
    }

    @Test func aReasonIsGivenOnce() {
        let change = change(ofOrder: { $0.dependsOn = [Dependency(name: "cache"), Dependency(name: "payment")] })
        #expect(change == ServiceChange(name: "order", action: .rolling, reasons: ["depends_on"]))
    }

    @Test func newAndRemovedServices() {
        let difference = difference {
            $0.services.removeAll { $0.name == "migrate" }
            $0.services.insert(Service(name: "new", command: ["x"]), at: 0)
        }
        #expect(difference.services.first == ServiceChange(name: "new", action: .start, reasons: ["new"]))
        #expect(difference.services.last == ServiceChange(name: "migrate", action: .stop, reasons: ["removed"]))
        #expect(!difference.isEmpty)
    }

    @Test func queueSettingsReachTheirConsumerOnly() {
        let difference = difference { $0.queues[1].prefetch = 1 }
        #expect(
            difference.change(of: "payment")
                == ServiceChange(name: "payment", action: .rolling, reasons: ["queues[payment.orders].prefetch"]))
        #expect(difference.change(of: "order")?.action == ServiceChange.Action.none)
        #expect(difference.isBrokerDeclarationChanged)
    }

    @Test func anotherServerRecreatesWhoDependsOnIt() {
        let difference = difference { $0.database = .managed }
        #expect(difference.servers == ["database"])
        #expect(difference.change(of: "order") == ServiceChange(name: "order", action: .recreate, reasons: ["database"]))
        #expect(difference.change(of: "payment")?.action == ServiceChange.Action.none)
        #expect(!difference.isBrokerDeclarationChanged)
    }

    @Test func routesAdminAndName() {
        #expect(difference { $0.routes.removeLast() }.areRoutesChanged)
        #expect(difference { $0.admin.listen = .unix(path: "a") }.isAdminChanged)
        let renamed = difference { $0.name = "other" }
        #expect(renamed.isNameChanged && renamed.isBrokerDeclarationChanged)
        #expect(renamed.services.allSatisfy { $0.action == .recreate })
    }

    @Test func aPermissionIsTheBrokersAlone() {
        let difference = difference { $0.services[1].publishes.append("shop.audit") }
        #expect(difference.isBrokerDeclarationChanged)
        #expect(difference.change(of: "order")?.action == ServiceChange.Action.none)
    }
}
