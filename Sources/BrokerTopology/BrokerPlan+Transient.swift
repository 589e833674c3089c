extension BrokerPlan {
    /// Of this plan what brings back the queues and exchanges that are not durable: a broker that was restarted has forgotten them, and nobody
    /// else declares them.
    package var returnOfTransient: BrokerPlan {
        var queues: Set<String> = []
        var exchanges: Set<String> = []
        var plan = BrokerPlan()
        plan.steps = steps.filter { step in
            switch step {
            case .declareQueue(let queue) where !queue.durable: return queues.insert(queue.name).inserted
            case .declareExchange(let exchange) where !exchange.durable: return exchanges.insert(exchange.name).inserted
            case .bind(let binding):
                return exchanges.contains(binding.source) || (binding.isToExchange ? exchanges : queues).contains(binding.destination)
            default: return false
            }
        }
        return plan
    }
}
