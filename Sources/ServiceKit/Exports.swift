// A service writes `import ServiceKit` and nothing else for what its own signatures mention: routes, logs, rows and the cache.
// The broker's client stays hidden: services publish and handle events, they do not talk AMQP.
@_exported public import Hummingbird
@_exported public import HTTPTypes
@_exported public import Logging
@_exported public import Postgres
@_exported public import Redis
