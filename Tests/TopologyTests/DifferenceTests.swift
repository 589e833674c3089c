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
