// Tests look at messages, which services never see.
@_exported public import AMQP
